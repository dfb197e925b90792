import { expect, test } from "vitest";
import { curveRows, frameX, rowY } from "./curve-layout.ts";

test("rows are the columns of a row-major array with their ranges", () => {
  const rows = curveRows("action", [1, 10, 2, 20, -3, 30], ["dx", "gripper"]);
  expect(rows.map(({ name, min, max, axis, isGripper }) => ({ name, min, max, axis, isGripper }))).toEqual([
    { name: "dx", min: -3, max: 2, axis: "x", isGripper: false },
    { name: "gripper", min: 10, max: 30, axis: undefined, isGripper: true },
  ]);
  expect([...rows[0]!.values]).toEqual([1, 2, -3]);
});

test("the largest value is at the top, the smallest at the bottom, a constant in the middle", () => {
  expect(rowY(2, { min: 0, max: 2 }, 30)).toBe(3);
  expect(rowY(0, { min: 0, max: 2 }, 30)).toBe(27);
  expect(rowY(5, { min: 5, max: 5 }, 30)).toBe(15);
});

test("frames are spread evenly, each in the middle of its share", () => {
  expect([0, 9].map((frame) => frameX(frame, 10, 200))).toEqual([10, 190]);
});
