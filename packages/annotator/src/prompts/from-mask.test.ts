import type { BinaryMask } from "@pixelvla/data";
import { expect, test } from "vitest";
import { promptsFromMask } from "./from-mask.ts";

/** A ring of radius 20 with a hole, and a speck far away. */
function ring(): BinaryMask {
  const [widthPx, heightPx] = [64, 48];
  const data = new Uint8Array(widthPx * heightPx);
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++) {
      const r = Math.hypot(x - 24, y - 24);
      if (r <= 20 && r >= 9) data[y * widthPx + x] = 1;
    }
  data[10 * widthPx + 62] = 1;
  return { widthPx, heightPx, data };
}

test("points lie inside, off the border; lines run inside; the box is the contour's, without the speck", () => {
  const mask = ring();
  const { points, lines, box } = promptsFromMask(mask, { points: 40, lines: 10 }, "7:3:5");
  const isObject = (x: number, y: number) => mask.data[y * mask.widthPx + x] === 1;
  for (const { x, y, isObject: positive } of points) {
    expect(positive).toBe(true);
    for (const [dx, dy] of [[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]] as const) expect(isObject(x + dx, y + dy)).toBe(true); // prettier-ignore
  }
  for (const line of lines) {
    const [[x0, y0], [x1, y1]] = line as [[number, number], [number, number]];
    const inside = Array.from({ length: 21 }, (_, i) =>
      isObject(Math.round(x0 + ((x1 - x0) * i) / 20), Math.round(y0 + ((y1 - y0) * i) / 20)),
    );
    expect(inside.filter(Boolean).length).toBeGreaterThanOrEqual(18);
    expect(Math.hypot(x1 - x0, y1 - y0)).toBeGreaterThan(5);
  }
  expect(box).toEqual({ x0: 4, y0: 4, x1: 45, y1: 45 });
});

test("the same seed draws the same, another seed something else", () => {
  const draw = (seed: string) => promptsFromMask(ring(), { points: 3, lines: 1 }, seed);
  expect(draw("a")).toEqual(draw("a"));
  expect(draw("a")).not.toEqual(draw("b"));
});

test("an empty mask gives no prompts, one pixel gives that pixel", () => {
  const empty: BinaryMask = { widthPx: 4, heightPx: 3, data: new Uint8Array(12) };
  expect(promptsFromMask(empty, { points: 3, lines: 1 }, "x")).toEqual({ points: [], lines: [], box: undefined });
  const data = new Uint8Array(12);
  data[6] = 1;
  const { points, lines } = promptsFromMask({ ...empty, data }, { points: 2, lines: 1 }, "x");
  expect(points).toEqual([{ x: 2, y: 1, isObject: true }, { x: 2, y: 1, isObject: true }]); // prettier-ignore
  expect(lines).toEqual([[[2, 1], [2, 1]]]); // prettier-ignore
});
