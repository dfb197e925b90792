import { expect, test } from "vitest";
import { nearness } from "./find-object.ts";

const gripper = { x0: 20, y0: 0, x1: 36, y1: 30 };
const at = (x: number, y: number) => ({ x0: x - 3, y0: y - 3, x1: x + 3, y1: y + 3 });

test("a find at the gripper counts in full, and less with every gripper size away, alike to all sides", () => {
  expect(nearness(at(28, 25), gripper, 1)).toBe(1);
  expect(nearness(at(28, 46), gripper, 1)).toBeCloseTo(Math.exp(-1), 5); // one gripper size, 16 px, below
  expect(nearness(at(52, 10), gripper, 1)).toBeCloseTo(nearness(at(4, 10), gripper, 1), 5);
  expect(nearness(at(28, 62), gripper, 1)).toBeLessThan(nearness(at(28, 46), gripper, 1));
});

test("a larger falloff prefers the near less", () => {
  expect(nearness(at(28, 62), gripper, 4)).toBeGreaterThan(nearness(at(28, 62), gripper, 1));
});
