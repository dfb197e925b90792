import fc from "fast-check";
import { expect, test } from "vitest";
import { decimate, nearestIndex } from "./decimate.ts";

const line = fc
  .array(
    fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.option(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { freq: 9 })),
    { maxLength: 2000 },
  )
  .map((points) => {
    const sorted = [...points].sort(([a], [b]) => a - b);
    return { x: sorted.map(([x]) => x), y: sorted.map(([, y]) => y) };
  });

test("thinning keeps both ends, the lowest and the highest point, and the order", () => {
  fc.assert(
    fc.property(line, fc.integer({ min: 8, max: 400 }), ({ x, y }, maxPoints) => {
      const thin = decimate({ x, y }, maxPoints);
      expect(thin.x.length).toBeLessThanOrEqual(Math.max(4, maxPoints));
      expect([thin.x[0], thin.x.at(-1)]).toEqual([x[0], x.at(-1)]);
      expect([...thin.x].sort((a, b) => a - b)).toEqual(thin.x);
      const values = (all: readonly (number | null)[]) => all.filter((value) => value !== null);
      expect(Math.max(...values(thin.y))).toBe(Math.max(...values(y)));
      expect(Math.min(...values(thin.y))).toBe(Math.min(...values(y)));
    }),
  );
});

test("a short line is left as it is", () => {
  expect(decimate({ x: [1, 2], y: [3, null] }, 10)).toEqual({ x: [1, 2], y: [3, null] });
});

test("the nearest point is found from either side", () => {
  expect([-5, 1.4, 1.6, 99].map((at) => nearestIndex([0, 1, 2, 5], at))).toEqual([0, 1, 2, 3]);
  expect(nearestIndex([], 1)).toBe(-1);
});
