import fc from "fast-check";
import { expect, test } from "vitest";
import { presentPoints, smooth, smoothedBins } from "./curve.ts";

/** Means of the smoothed line bin by bin, interpolated between points: the slow way. */
function slowBins(x: Float64Array, y: Float64Array, smoothing: number, [start, end]: [number, number], nBins: number) {
  const line = presentPoints(x, y);
  const smoothed = smooth(line.y, smoothing);
  const width = (end - start) / nBins;
  const means = Array.from({ length: nBins }, (_, bin) => {
    const isIn = (at: number) => Math.min(nBins - 1, Math.max(0, Math.floor((at - start) / width))) === bin;
    const inside = [...smoothed].filter((_, i) => isIn(line.x[i]!));
    return inside.length === 0 ? NaN : inside.reduce((sum, value) => sum + value, 0) / inside.length;
  });
  return means.map((mean, bin) => {
    if (!Number.isNaN(mean)) return mean;
    const before = means.findLastIndex((value, i) => i < bin && !Number.isNaN(value));
    const after = means.findIndex((value, i) => i > bin && !Number.isNaN(value));
    if (before < 0 || after < 0) return NaN;
    return means[before]! + ((means[after]! - means[before]!) * (bin - before)) / (after - before);
  });
}

test("bins in one pass equal smoothing every point, then averaging bin by bin", () => {
  const value = fc.oneof(
    { weight: 8, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
    fc.constantFrom(NaN, Infinity),
  );
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 60 }),
      fc.constantFrom(0, 0.6, 0.99),
      fc.integer({ min: 1, max: 40 }),
      (values, smoothing, nBins) => {
        const x = Float64Array.from(values, (_, i) => i + Math.PI / 11);
        const out = new Float32Array(nBins);
        smoothedBins({ x, y: Float64Array.from(values) }, smoothing, { start: 0, end: values.length }, out);
        const expected = slowBins(x, Float64Array.from(values), smoothing, [0, values.length], nBins);
        expected.forEach((mean, bin) => {
          if (Number.isNaN(mean)) expect(out[bin]).toBeNaN();
          else expect(Math.abs(out[bin]! - mean)).toBeLessThanOrEqual(1e-6 * Math.abs(mean) + 1e-3);
        });
      },
    ),
  );
});

test("a long line's weight of the past runs out without changing the mean", () => {
  const y = Float64Array.from({ length: 5000 }, (_, i) => 1 / (i + 1));
  const x = Float64Array.from(y, (_, i) => i);
  const out = new Float32Array(5000);
  smoothedBins({ x, y }, 0.6, { start: 0, end: 5000 }, out);
  smooth(y, 0.6).forEach((exact, i) => expect(Math.abs(out[i]! - exact)).toBeLessThan(1e-6));
});
