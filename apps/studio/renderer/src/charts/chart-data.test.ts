import fc from "fast-check";
import { expect, test } from "vitest";
import { extent, ticks, toCsv } from "./chart-data.ts";
import { toSvg } from "./to-svg.ts";

test("CSV has one row for each x that occurs and quotes what needs it", () => {
  const csv = toCsv({
    title: "t",
    xLabel: "train step",
    series: [
      { label: 'a, "b"', x: [1, 2], y: [0.5, null] },
      { label: "c", x: [2, 3], y: [7, 8] },
    ],
  });
  expect(csv.split("\r\n")).toEqual(['train step,"a, ""b""",c', "1,0.5,", "2,,7", "3,,8", ""]);
});

test("ticks are round, inside and a handful", () => {
  expect(ticks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e6, noNaN: true }),
      (min, span) => {
        const found = ticks(min, min + span);
        expect(found.length).toBeGreaterThanOrEqual(1);
        expect(found.length).toBeLessThanOrEqual(12);
      },
    ),
  );
});

test("the extent leaves out what cannot be drawn", () => {
  expect(extent([3, null, NaN, -2])).toEqual([-2, 3]);
  expect(extent([3, 0, -2, 0.1], true)).toEqual([0.1, 3]);
  expect(extent([])).toEqual([0, 1]);
});

test("an SVG escapes its texts and leaves gaps where values are missing", () => {
  const svg = toSvg({
    title: "loss <a&b>",
    xLabel: "x",
    series: [{ label: "s", x: [0, 1, 2, 3], y: [1, null, 2, 3] }],
  });
  expect(svg).toContain("loss &lt;a&amp;b&gt;");
  expect(svg.match(/d="(M[^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(2);
});
