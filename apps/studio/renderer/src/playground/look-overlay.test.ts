import { expect, test } from "vitest";
import { relativeLook } from "./look-overlay.ts";

test("attention is shown relative to the most looked-at token, of one layer or the mean of all", () => {
  const weights = [
    [0.1, 0.3, 0.1],
    [0.5, 0.1, 0.1],
  ];
  expect(relativeLook({ weights }, 0)).toEqual([0.1 / 0.3, 1, 0.1 / 0.3]);
  const mean = relativeLook({ weights }, undefined);
  expect(mean[0]).toBe(1);
  expect(mean[1]).toBeCloseTo(2 / 3);
  expect(relativeLook({ weights: [[0, 0]] }, undefined)).toEqual([0, 0]);
});
