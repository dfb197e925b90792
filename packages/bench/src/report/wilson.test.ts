import fc from "fast-check";
import { expect, test } from "vitest";

import { detectableDifference, wilson } from "./wilson.ts";

test("agrees with published values", () => {
  const { low, high } = wilson(43, 50);
  expect([low, high].map((value) => Math.round(100 * value))).toEqual([74, 93]);
  expect(Math.round(100 * wilson(49, 50).low)).toBe(90);
  expect(wilson(0, 50).low).toBe(0);
  expect(wilson(50, 50).high).toBe(1);
});

test("contains the share, stays in [0, 1] and narrows with more episodes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, p) => {
      const k = Math.round(p * n);
      const few = wilson(k, n);
      const many = wilson(10 * k, 10 * n);
      expect(few.low).toBeGreaterThanOrEqual(0);
      expect(few.high).toBeLessThanOrEqual(1);
      expect(few.low).toBeLessThanOrEqual(few.share + 1e-12);
      expect(few.high).toBeGreaterThanOrEqual(few.share - 1e-12);
      expect(many.high - many.low).toBeLessThan(few.high - few.low);
    }),
  );
});

test("four times the episodes show half the difference", () => {
  expect(detectableDifference(50) / detectableDifference(200)).toBeCloseTo(2, 10);
});
