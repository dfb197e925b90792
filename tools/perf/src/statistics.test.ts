import { expect, test } from "vitest";
import { quantile, summarise } from "./statistics.ts";

test("quantiles interpolate and ignore the order of the values", () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([5], 0.9)).toBe(5);
  expect(quantile([], 0.5)).toBeNaN();
});

test("a summary keeps every time it was given", () => {
  expect(summarise([3, 1, 2])).toEqual({ medianMs: 2, minMs: 1, p10Ms: 1.2, p90Ms: 2.8, runs: 3, timesMs: [3, 1, 2] });
});
