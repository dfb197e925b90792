import { expect, test } from "vitest";
import { formatAgo, formatBytes, formatClock, formatCount, formatDuration, formatValue } from "./format.ts";

test("counts are grouped, bytes keep to three digits", () => {
  expect(formatCount(160000)).toBe("160,000");
  expect([512, 1536, 1024 ** 3 * 3.4, 1024 ** 2 * 1000].map(formatBytes)).toEqual([
    "512 B",
    "1.5 KiB",
    "3.4 GiB",
    "0.98 GiB",
  ]);
});

test("values keep four significant digits, a real minus sign, and say when there is none", () => {
  expect([0, -0.12345, 1234.56, 1e-7, 5e8, NaN, undefined, Infinity].map(formatValue)).toEqual([
    "0",
    "−0.1235",
    "1235",
    "1.00e-7",
    "5.00e+8",
    "–",
    "–",
    "∞",
  ]);
});

test("times read as people say them", () => {
  expect([7.31, 75].map(formatClock)).toEqual(["0:07.3", "1:15.0"]);
  expect([3, 250, 7500, 90_000 * 3].map(formatDuration)).toEqual(["3 s", "4 min 10 s", "2 h 05 min", "3 d 3 h"]);
  const now = Date.parse("2026-01-10T00:00:00Z");
  expect(formatAgo("2026-01-09T23:58:00Z", now)).toBe("2 min ago");
  expect(formatAgo("2025-12-01T00:00:00Z", now)).toBe("2025-12-01");
});
