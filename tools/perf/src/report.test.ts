import { expect, test } from "vitest";
import { scaled, short } from "./report.ts";

test("numbers keep three significant digits without an exponent", () => {
  expect([1234.5, 12.345, 1.2345, 0.012345, 0, Infinity].map(short)).toEqual([
    "1235",
    "12.3",
    "1.23",
    "0.0123",
    "0",
    "–",
  ]);
});

test("rates get a prefix", () => {
  expect(scaled(166e9, "FLOP")).toBe("166 GFLOP");
  expect(scaled(42, "frame")).toBe("42.0 frame");
});
