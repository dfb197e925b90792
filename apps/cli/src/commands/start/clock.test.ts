import { expect, test } from "vitest";
import { StepClock } from "./clock.ts";

test("time left is the plan, times how much slower the machine has been so far", () => {
  const clock = new StepClock([20, 60, 20], []);
  expect(clock.leftS(0, 0)).toBe(100);
  clock.spend(0, 40); // twice as slow as planned
  expect(clock.leftS(1, 0)).toBe(160);
  clock.spend(1, 60); // 100 s for 50 planned ones
  expect(clock.leftS(1, 0.5)).toBe(100);
  expect(clock.doneS(1, 0.5)).toBe(50);
});

test("a resumed job counts what was spent before, and a first second decides nothing", () => {
  expect(new StepClock([20, 60, 20], [10]).leftS(1, 0)).toBe(40);
  const clock = new StepClock([20, 80], []);
  clock.spend(0, 30);
  expect(clock.leftS(0, 0.01)).toBeCloseTo(99.8);
});
