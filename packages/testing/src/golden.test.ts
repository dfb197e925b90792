import { expect, test } from "vitest";
import { relativeDifference } from "./golden.ts";

test("differences are measured against the largest expected value", () => {
  expect(relativeDifference(Float32Array.of(1, 10.1), Float32Array.of(1, 10))).toBeCloseTo(0.01, 4);
});

test("a NaN or a missing element is an infinite difference", () => {
  expect(relativeDifference(Float32Array.of(NaN), Float32Array.of(1))).toBe(Infinity);
  expect(relativeDifference(Float32Array.of(1), Float32Array.of(1, 2))).toBe(Infinity);
});
