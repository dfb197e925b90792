import { expect, test } from "vitest";
import { chunkPath, turnDeg, wayText } from "./chunk-path.ts";

test("a chunk's deltas add up from where the gripper stands and end with the episode", () => {
  const path = chunkPath([[0.01, 0, -0.02, 0, 0, 0, 1], [0.01, 0.03, 0, 0, 0, 0, 1], null], [1, 2, 3]);
  expect([...path].map((value) => Number(value.toFixed(4)))).toEqual([1, 2, 3, 1.01, 2, 2.98, 1.02, 2.03, 2.98]);
});

test("where a chunk leads is said in millimetres along the axes", () => {
  expect(wayText(chunkPath([[0.02, 0, -0.02], [0.011, -0.012, -0.02], null], [1, 2, 3]))).toBe(
    "31 mm along x, −12 along y, −40 along z",
  );
});

test("the turn between two chunks is the angle between where they lead", () => {
  const along = (x: number, y: number) => chunkPath([[x, y, 0]], [5, 5, 5]);
  expect(turnDeg(along(0.1, 0), along(0, 0.2))).toBeCloseTo(90, 3);
  expect(turnDeg(along(0.1, 0), along(0, 0))).toBeUndefined();
});
