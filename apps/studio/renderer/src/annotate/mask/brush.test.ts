import { expect, test } from "vitest";
import { paintStroke } from "./brush.ts";
import { emptyMask, maskArea } from "./rle.ts";

test("a stroke covers a capsule about its line, is cut at the edge, and erasing takes exactly it away", () => {
  const mask = emptyMask(60, 40);
  const patch = paintStroke(mask, [10, 20], [40, 20], 5, 255);
  expect(patch).toEqual({ x0: 5, y0: 15, x1: 46, y1: 26 });
  const expected = 30 * 10 + Math.PI * 25;
  expect(Math.abs(maskArea(mask) - expected)).toBeLessThan(0.06 * expected);
  expect([mask.data[20 * 60 + 25], mask.data[26 * 60 + 25]]).toEqual([255, 0]);
  paintStroke(mask, [10, 20], [40, 20], 5, 0);
  expect(maskArea(mask)).toBe(0);
  paintStroke(mask, [0, 0], [0, 0], 4, 255);
  expect(Math.abs(maskArea(mask) - Math.PI * 4)).toBeLessThan(4); // a quarter of the disc
});
