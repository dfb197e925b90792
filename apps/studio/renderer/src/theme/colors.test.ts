import { expect, test } from "vitest";
import { axisOf, okabeIto, okabeItoOnLight, seriesColor } from "./colors.ts";

/** WCAG 2 relative luminance of `#rrggbb`. */
function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((p, q) => p - q);
  return (light! + 0.05) / (dark! + 0.05);
}

test("every series colour stands out from its theme's background", () => {
  for (const color of okabeIto) expect(contrast(color, "#0f1115")).toBeGreaterThan(3);
  for (const color of okabeItoOnLight) expect(contrast(color, "#ffffff")).toBeGreaterThan(3);
});

test("series colours repeat after seven", () => {
  expect(seriesColor(0, "dark")).toBe(okabeIto[0]);
  expect(seriesColor(8, "dark")).toBe(okabeIto[1]);
});

test("axis names give their axis, others none", () => {
  expect(["x", "dy", "eef_z", "droll", "pitch", "dyaw", "gripper", "index"].map(axisOf)).toEqual([
    "x",
    "y",
    "z",
    "x",
    "y",
    "z",
    undefined,
    undefined,
  ]);
});
