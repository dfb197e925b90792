import { expect, test } from "vitest";
import { positionStart } from "./position-table.ts";

const table = (grid: number, width: number) => {
  const start = positionStart("sincos", grid, width);
  if (start.kind !== "values") throw new Error(`started as ${start.kind}`);
  return Array.from({ length: grid * grid }, (_, patch) => start.values.slice(patch * width, (patch + 1) * width));
};

test("sincos is MAE's table: sine and cosine of the column, then of the row", () => {
  const grid = 4;
  const width = 16;
  const rows = table(grid, width);
  const [row, column] = [2, 3];
  const expected = [column, row].flatMap((place) => {
    const angles = Array.from({ length: 4 }, (_, i) => place / 10_000 ** (i / 4));
    return [...angles.map(Math.sin), ...angles.map(Math.cos)];
  });
  rows[row * grid + column]!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
});

test("no two patches share a code, and its values are of the scale of patch embeddings", () => {
  const rows = table(8, 64);
  const meanSquare = rows.flatMap((row) => Array.from(row, (v) => v * v)).reduce((a, b) => a + b) / (64 * 64);
  expect(Math.sqrt(meanSquare)).toBeCloseTo(Math.SQRT1_2, 6);
  for (const [i, a] of rows.entries())
    for (const b of rows.slice(0, i)) expect(Math.hypot(...a.map((value, d) => value - b[d]!))).toBeGreaterThan(0.5);
});

test("normal is timm's small spread", () => {
  expect(positionStart("normal", 8, 64)).toEqual({ kind: "normal", std: 0.02 });
});
