import { expect, test } from "vitest";
import { formatBig, formatFlops } from "./big-numbers.ts";

test("large counts keep two or three digits", () => {
  expect([950, 45_300, 312_000_000, 7_241_000_000, 999_999].map(formatBig)).toEqual([
    "950",
    "45.3 k",
    "312 M",
    "7.2 B",
    "1.0 M",
  ]);
  expect(formatFlops(1.34e9)).toBe("1.3 GFLOP");
});
