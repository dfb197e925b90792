import type { BinaryMask } from "@pixelvla/data";
import { expect, test } from "vitest";
import { appearsIn } from "../object/words.ts";
import { connectedComponents, fragmentation, largestComponent } from "./components.ts";
import { doubtOf } from "./doubt.ts";
import { distanceInBoxSizes, phraseMatch, stabilities } from "./measures.ts";

function mask(rows: readonly string[]): BinaryMask {
  const text = rows.join("");
  return { widthPx: rows[0]!.length, heightPx: rows.length, data: Uint8Array.from(text, (c) => (c === "#" ? 1 : 0)) };
}

test("pieces are counted with their corners joined, the largest first", () => {
  const pieces = connectedComponents(mask(["#....", ".#..#", "..#.#", ".....", "####."]));
  expect(pieces.areas).toEqual([4, 3, 2]);
  expect(fragmentation(pieces)).toBeCloseTo(5 / 9);
  const largest = largestComponent(mask(["##..", "....", "..##", "..##"]));
  expect(Array.from(largest.data).join("")).toBe("0000000000110011");
  expect(fragmentation(connectedComponents(mask(["..", ".."])))).toBe(0);
});

test("distance counts in gripper sizes from edge to edge, zero where they touch", () => {
  const square = mask(["....", ".##.", ".##.", "...."]);
  expect(distanceInBoxSizes(square, { x0: 0, y0: 0, x1: 2, y1: 2 })).toBe(0);
  expect(distanceInBoxSizes(square, { x0: 7, y0: 1, x1: 9, y1: 3 })).toBe(2);
  expect(distanceInBoxSizes(mask(["...."]), { x0: 0, y0: 0, x1: 2, y1: 2 })).toBeUndefined();
});

test("stability is 1 at rest, half where the mask moves by its own width, and falls with the area", () => {
  const at = (x: number, area = 100) => ({ x, y: 0, area });
  expect(stabilities([at(0), at(0), at(0)])).toEqual([1, 1, 1]);
  expect(stabilities([at(0), at(10)])).toEqual([0.5, 0.5]);
  expect(stabilities([at(0), at(0, 50)])).toEqual([0.5, 0.5]);
  expect(stabilities([undefined, at(3), undefined])).toEqual([undefined, 1, undefined]);
});

test("a label fits a phrase by the share of its words, give or take a letter", () => {
  expect(phraseMatch("red block", "red block")).toBe(1);
  expect(phraseMatch("block", "red block")).toBe(0.5);
  expect(phraseMatch("eggplants", "eggplant")).toBe(1);
  expect(phraseMatch("cup", "bowl")).toBe(0);
});

test.each([
  ["eggplant", "put the eggplant in the basket", true],
  ["egg plant", "put the eggplant in the basket", true],
  ["eggplant", "put the egg plant in the basket", true],
  ["cans", "pick up the can", true],
  ["spatula", "pick the spatulla up", true],
  ["spoon", "pick up the fork", false],
  ["purple unicorn", "pick up the red block", false],
  ["", "pick up the red block", false],
])('a reasoner that says "%s" to "%s" is founded: %s', (target, instruction, expected) => {
  expect(appearsIn(target, instruction)).toBe(expected);
});

test("doubt adds up independent reasons, names the heaviest first, and ignores what was not measured", () => {
  expect(doubtOf({})).toEqual({ doubt: 0, reason: "nothing stands out" });
  expect(doubtOf({ agreement: 0.95, detectorScore: 0.9, gripperDistance: 0 }).doubt).toBe(0);
  const bad = doubtOf({ agreement: 0.4, detectorScore: 0.2, phraseMatch: 1 });
  expect(bad.doubt).toBeCloseTo(1 - 0.3 * 0.5);
  expect(bad.reason).toBe("two masks of it agree by only 40 %; the detector is 20 % sure");
  expect(doubtOf({ gripperDistance: 3 }).doubt).toBeGreaterThan(doubtOf({ gripperDistance: 1 }).doubt);
  const worst = doubtOf({
    agreement: 0, gripperDistance: 9, detectorScore: 0, framesWithMask: 0, phraseMatch: 0, stability: 0, trackScore: 0,
    maskScore: 0, fragmentation: 1, areaShare: 0.9, outsideRegion: true,
  }); // prettier-ignore
  expect(worst.doubt).toBeLessThan(1);
  expect(worst.doubt).toBeGreaterThan(0.99);
});
