import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sharedData } from "../../test/shared-data.ts";
import { openDataset } from "../open.ts";
import { ColumnSpool } from "./column-spool.ts";
import { computeStatistics } from "./dataset-statistics.ts";
import { actionChunk, denormalise, normalise } from "./normalise.ts";
import { quantile } from "./quantile.ts";
import { readStatistics, writeStatistics } from "./statistics-file.ts";

const octo = sharedData("octo-bridge-debug");
const published = sharedData("open-pi-zero-statistics");

test("a quantile is that of the sorted values, interpolated", () => {
  fc.assert(
    fc.property(
      fc.float32Array({ minLength: 1, maxLength: 200, noNaN: true, noDefaultInfinity: true, max: 1000, min: -1000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, q) => {
        const sorted = [...values].sort((a, b) => a - b);
        const at = q * (sorted.length - 1);
        const [a, b] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!];
        expect(quantile(values, q)).toBeCloseTo(a + (b - a) * (at - Math.floor(at)), 3);
      },
    ),
  );
});

test("a column with NaN has no quantile", () => {
  expect(quantile(Float32Array.of(1, NaN, 2), 0.5)).toBeNaN();
});

test("a spool gives its columns back, whether they stayed in memory or went to disk", async () => {
  const values = Float32Array.from({ length: 3 * 200_000 }, (_, i) => i);
  for (const budget of [1e9, 1]) {
    const spool = new ColumnSpool(3, budget);
    for (let i = 0; i < 4; i++) await spool.push(values.subarray(i * 150_000, (i + 1) * 150_000));
    const column = await spool.column(1);
    expect(column).toHaveLength(200_000);
    expect(column.every((value, i) => value === i * 3 + 1)).toBe(true);
    await spool.close();
  }
});

test.skipIf(octo.absent)("Bridge statistics equal NumPy's over OpenVLA's standardised steps", async () => {
  const golden = JSON.parse(
    readFileSync(fileURLToPath(new URL("../../test/golden/tfds-bridge.json", import.meta.url)), "utf8"),
  ) as { statistics: Record<"action" | "proprio", Record<string, number[]>> & { num_transitions: number } };
  const dataset = await openDataset(octo.path);
  const statistics = await computeStatistics(dataset);
  await dataset.close();
  expect(statistics.num_transitions).toBe(golden.statistics.num_transitions);
  expect(statistics.num_trajectories).toBe(50);
  expect(statistics.action.mask).toEqual([true, true, true, true, true, true, false]);
  for (const column of ["action", "proprio"] as const)
    for (const key of ["mean", "std", "max", "min", "q01", "q99"] as const)
      statistics[column][key].forEach((value, d) => expect(value).toBeCloseTo(golden.statistics[column][key]![d]!, 7));

  const folder = mkdtempSync(join(tmpdir(), "pixelvla-"));
  const file = join(folder, "dataset_statistics.json");
  await writeStatistics(file, { bridge_dataset: statistics });
  expect(await readStatistics(file)).toEqual({ bridge_dataset: statistics });
  rmSync(folder, { recursive: true });
});

test.skipIf(published.absent)("published Octo-style statistics are read, p01 and p99 as quantiles", async () => {
  const { "": bridge } = await readStatistics(join(published.path, "bridge_statistics.json"));
  expect(bridge?.num_transitions).toBe(2_195_527);
  expect(bridge?.action.q01[0]).toBe(-0.028539552688598632);
});

const statistics = {
  mean: [0, 0, 0.5],
  std: [1, 1, 0.5],
  min: [-4, 7, 0],
  max: [4, 7, 1],
  q01: [-2, 7, 0],
  q99: [2, 7, 1],
  mask: [true, true, false],
};

test("q99 clips to [-1, 1], leaves the gripper, and zeroes what never changes", () => {
  expect([...normalise(Float32Array.of(-3, 7, 0.25, 1, 7, 1), statistics)]).toEqual([-1, 0, 0.25, 0.5, 0, 1]);
});

test("denormalising undoes normalising inside the bounds", () => {
  const rows = Float32Array.of(-1.5, 7, 0.25);
  for (const how of ["q99", "bounds", "normal"] as const) {
    const back = denormalise(normalise(rows, statistics, how), statistics, how);
    back.forEach((value, d) => d !== 1 && expect(value).toBeCloseTo(rows[d]!, 5));
  }
});

test("a chunk past the end holds still and keeps the gripper", () => {
  const actions = Float32Array.of(1, 1, 2, 0);
  expect([...actionChunk(actions, [false, true], 1, 3)]).toEqual([2, 0, 0, 0, 0, 0]);
  expect([...actionChunk(Float32Array.of(1, 1, 2, 1), [false, true], 0, 3)]).toEqual([1, 1, 2, 1, 0, 1]);
});
