import { expect, test } from "vitest";

import { eroded, largestPart, shifted } from "./mask-operations.ts";
import { colourMasker } from "./mask-source.ts";
import { promptOf } from "./prompts.ts";

const picture = (rows: readonly string[]) => Uint8Array.from(rows.join(""), (c) => (c === "#" ? 1 : 0));
const rows = ["........", ".#####..", ".#####..", ".#####..", "......#.", "........"];
const mask = picture(rows);

test("erosion takes one ring a round and ends empty", () => {
  expect(eroded(mask, 8, 1)).toEqual(picture(["........", "........", "..###...", "........", "........", "........"]));
  expect(eroded(mask, 8, 3)).toEqual(new Uint8Array(48));
});

test("a shift loses what leaves the picture", () => {
  expect(shifted(mask, 8, 4, 0)).toEqual(
    picture(["........", ".....###", ".....###", ".....###", "........", "........"]),
  );
});

test("the largest part wins, diagonals do not connect", () => {
  expect(largestPart(mask, 8)[4 * 8 + 6]).toBe(0);
  expect(largestPart(mask, 8).reduce((sum, value) => sum + value, 0)).toBe(15);
});

test("prompts lie on the object", () => {
  const part = largestPart(mask, 8);
  expect(promptOf(part, 8, "point")).toEqual({ kind: "point", xPx: 3, yPx: 2 });
  expect(promptOf(part, 8, "box")).toEqual({ kind: "box", minPx: [1, 1], maxPx: [5, 3] });
  const line = promptOf(part, 8, "line");
  expect(line?.kind === "line" && Math.abs(line.toPx[0] - line.fromPx[0])).toBeGreaterThan(3);
  expect(promptOf(new Uint8Array(48), 8, "box")).toBeUndefined();
});

test("the colour masker finds the named colour and nothing for drawers", () => {
  const image = new Uint8Array(3 * 64).fill(150);
  for (const i of [9, 10, 17, 18]) image.set([30, 70, 210], 3 * i);
  for (const i of [44, 45]) image.set([210, 30, 30], 3 * i);
  const found = colourMasker(image, 8, "put blue cube on plate");
  expect([...found.keys()].filter((i) => found[i] === 1)).toEqual([9, 10, 17, 18]);
  expect(colourMasker(image, 8, "open top drawer").some((value) => value === 1)).toBe(false);
});

test("a click takes its own object, not the larger one that looks alike", () => {
  const image = new Uint8Array(3 * 64).fill(150);
  for (const i of [9, 10, 17, 18, 25, 26]) image.set([30, 70, 210], 3 * i);
  for (const i of [13, 14, 21, 22]) image.set([30, 70, 210], 3 * i);
  const clicked = (click: Parameters<typeof colourMasker>[3]) => {
    const found = colourMasker(image, 8, "pick blue cube", click);
    return [...found.keys()].filter((i) => found[i] === 1);
  };
  expect(clicked(undefined)).toEqual([9, 10, 17, 18, 25, 26]);
  expect(clicked({ xPx: 6, yPx: 2 })).toEqual([13, 14, 21, 22]);
  expect(clicked({ xPx: 7, yPx: 2 })).toEqual([13, 14, 21, 22]);
  expect(clicked("nowhere")).toEqual([]);
});
