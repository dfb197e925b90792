import { z } from "zod";

/** Per-dimension statistics of a dataset, in the layout of OpenVLA's `dataset_statistics.json`. */
export const dimensionStatisticsSchema = z.object({
  q01: z.array(z.number()),
  q99: z.array(z.number()),
  mean: z.array(z.number()),
  std: z.array(z.number()),
  min: z.array(z.number()),
  max: z.array(z.number()),
  mask: z.array(z.boolean()).describe("Dimensions that are normalised; the others pass unchanged"),
});
export type DimensionStatistics = z.output<typeof dimensionStatisticsSchema>;

export const datasetStatisticsSchema = z.object({
  dataset: z.string(),
  num_trajectories: z.int(),
  num_transitions: z.int(),
  action: dimensionStatisticsSchema,
  proprio: dimensionStatisticsSchema,
});
/** Saved inside every checkpoint: what normalises the inputs and un-normalises the predicted chunk. */
export type DatasetStatistics = z.output<typeof datasetStatisticsSchema>;

/** Quantiles interpolate linearly between order statistics, as numpy's default. */
function quantile(sorted: Float32Array, q: number): number {
  const position = q * (sorted.length - 1);
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (position - low);
}

/** Statistics of rows `[T, width]` given as one flat array. All dimensions are normalised. */
export function dimensionStatistics(rows: Float32Array, width: number): DimensionStatistics {
  const n = width === 0 ? 0 : rows.length / width;
  const result = { q01: [], q99: [], mean: [], std: [], min: [], max: [] } as {
    [K in "q01" | "q99" | "mean" | "std" | "min" | "max"]: number[];
  };
  for (let d = 0; d < width; d++) {
    const column = new Float32Array(n);
    let sum = 0;
    for (let t = 0; t < n; t++) sum += column[t] = rows[t * width + d]!;
    const mean = n === 0 ? 0 : sum / n;
    let square = 0;
    for (const value of column) square += (value - mean) ** 2;
    column.sort();
    result.q01.push(n === 0 ? 0 : quantile(column, 0.01));
    result.q99.push(n === 0 ? 0 : quantile(column, 0.99));
    result.mean.push(mean);
    result.std.push(n === 0 ? 0 : Math.sqrt(square / n));
    result.min.push(n === 0 ? 0 : column[0]!);
    result.max.push(n === 0 ? 0 : column[n - 1]!);
  }
  return { ...result, mask: new Array<boolean>(width).fill(true) };
}

/**
 * Action statistics with the gripper (dimension 6 of 7) set apart: its range is known to be 0 to 1, and `unit` leaves it
 * unchanged as OpenVLA does, `signed` maps it to -1 (closed) and 1 (open).
 */
export function withGripper(statistics: DimensionStatistics, gripper: "unit" | "signed"): DimensionStatistics {
  if (statistics.q01.length !== 7) return statistics;
  const at6 = <T>(values: readonly T[], value: T) => values.map((v, d) => (d === 6 ? value : v));
  return {
    ...statistics,
    q01: at6(statistics.q01, 0),
    q99: at6(statistics.q99, 1),
    mask: at6(statistics.mask, gripper === "signed"),
  };
}

/**
 * Normalises one row in place: q01 to -1, q99 to 1, clipped; dimensions outside the mask pass unchanged, constant ones
 * become 0. Source: OpenVLA, reference `models.md` §2.
 */
export function normaliseRow(row: Float32Array, { q01, q99, min, max, mask }: DimensionStatistics): void {
  for (let d = 0; d < row.length; d++) {
    if (!mask[d]) continue;
    const value = (2 * (row[d]! - q01[d]!)) / (q99[d]! - q01[d]! + 1e-8) - 1;
    row[d] = min[d] === max[d] ? 0 : Math.min(1, Math.max(-1, value));
  }
}

/** Undoes `normaliseRow` in place (OpenVLA's form: -1 gives q01, 1 gives q99). */
export function unnormaliseRow(row: Float32Array, { q01, q99, mask }: DimensionStatistics): void {
  for (let d = 0; d < row.length; d++) {
    if (mask[d]) row[d] = 0.5 * (row[d]! + 1) * (q99[d]! - q01[d]!) + q01[d]!;
  }
}
