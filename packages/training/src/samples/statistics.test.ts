import fc from "fast-check";
import { expect, test } from "vitest";
import { actionChunk } from "./chunks.ts";
import { constantBaseline, constantL1 } from "./constant-baseline.ts";
import { dimensionStatistics, normaliseRow, unnormaliseRow, withGripper } from "./statistics.ts";

const rows = Float32Array.from({ length: 101 * 7 }, (_, i) => (Math.floor(i / 7) / 100) * ((i % 7) + 1));

test("quantiles interpolate as numpy does", () => {
  const { q01, q99, mean, min, max } = dimensionStatistics(rows, 7);
  expect(q01[0]).toBeCloseTo(0.01, 6);
  expect(q99[6]).toBeCloseTo(6.93, 5);
  expect([mean[1], min[1], max[1]].map((v) => Number(v!.toFixed(4)))).toEqual([1, 0, 2]);
});

test("unnormalise undoes normalise inside the quantiles; -1 gives q01", () => {
  const statistics = withGripper(dimensionStatistics(rows, 7), "unit");
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.02, max: 0.98, noNaN: true }), { minLength: 7, maxLength: 7 }),
      (shares) => {
        const values = shares.map((share, d) => share * (d + 1));
        const row = Float32Array.from(values);
        normaliseRow(row, statistics);
        unnormaliseRow(row, statistics);
        row.forEach((value, d) => expect(value).toBeCloseTo(values[d]!, 4));
      },
    ),
  );
  const low = new Float32Array(7).fill(-1);
  unnormaliseRow(low, statistics);
  expect(low[0]).toBeCloseTo(statistics.q01[0]!, 6);
});

test("values outside the quantiles are clipped and a constant dimension becomes 0", () => {
  const row = Float32Array.of(9, 5);
  normaliseRow(row, { ...dimensionStatistics(Float32Array.of(0, 5, 1, 5), 2) });
  expect([...row]).toEqual([1, 0]);
});

test("the gripper passes unchanged, or signed on request", () => {
  const plain = dimensionStatistics(rows, 7);
  const unit = Float32Array.of(0, 0, 0, 0, 0, 0, 1);
  normaliseRow(unit, withGripper(plain, "unit"));
  expect(unit[6]).toBe(1);
  const closed = new Float32Array(7);
  normaliseRow(closed, withGripper({ ...plain, min: new Array<number>(7).fill(-1) }, "signed"));
  expect(closed[6]).toBe(-1);
});

test("a chunk at the end of an episode repeats the last action and weighs it 0", () => {
  const { actions, weights } = actionChunk(Float32Array.of(1, 2, 3), 1, 1, 4);
  expect([...actions]).toEqual([2, 3, 3, 3]);
  expect([...weights]).toEqual([1, 1, 0, 0]);
});

test("the constant baseline equals a direct sum over all frames, and no other constant is better", () => {
  const episode = Float32Array.from({ length: 30 }, (_, i) => Math.sin(i * 1.7));
  const baseline = constantBaseline([episode], 2, 4);
  expect(constantL1(baseline, episode, 2)).toBeCloseTo(baseline.l1, 6);
  const worse = { ...baseline, chunk: baseline.chunk.map((v) => v + 0.05) };
  expect(constantL1(worse, episode, 2)).toBeGreaterThan(baseline.l1);
});
