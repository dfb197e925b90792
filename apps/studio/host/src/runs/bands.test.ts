import fc from "fast-check";
import { expect, test } from "vitest";
import { quantile } from "../datasets/histogram.ts";
import { bandOf, quartiles } from "./bands.ts";

test("quartiles equal those of the sorted values", () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 200 }), (list) => {
      const sorted = Float32Array.from(list).sort();
      const found = quartiles(Float32Array.from(list));
      if (list.length === 0) expect(found).toBeUndefined();
      else [0.25, 0.5, 0.75].forEach((share, i) => expect(found![i]! === quantile(sorted, share)).toBe(true)); // 0 is -0
    }),
  );
});

test("a bin in which no run of the group has a value is null", () => {
  const runs = [Float32Array.of(1, NaN), Float32Array.of(3, NaN)];
  const { median, q25, q75 } = bandOf({ group: "all", runs }, 2);
  expect([median, q25, q75]).toEqual([
    [2, null],
    [1.5, null],
    [2.5, null],
  ]);
});
