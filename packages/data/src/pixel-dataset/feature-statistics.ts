/** LeRobot's statistics of one feature over some frames, one entry a dimension (a colour channel for images, 0..1). */
export interface FeatureStatistics {
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly mean: readonly number[];
  /** Population standard deviation. */
  readonly std: readonly number[];
  readonly count: readonly [number];
  readonly q01: readonly number[];
  readonly q10: readonly number[];
  readonly q50: readonly number[];
  readonly q90: readonly number[];
  readonly q99: readonly number[];
}

const QUANTILES = [
  ["q01", 0.01],
  ["q10", 0.1],
  ["q50", 0.5],
  ["q90", 0.9],
  ["q99", 0.99],
] as const;

/** Names of the per-dimension statistics, in the order they are stored. */
export const STATISTIC_NAMES = ["min", "max", "mean", "std", "q01", "q10", "q50", "q90", "q99"] as const;

/** Exact statistics of `values` `[N, size]`, quantiles by linear interpolation. @param count frames to report; default N */
export function featureStatistics(
  values: ArrayLike<number>,
  size: number,
  count = values.length / size,
): FeatureStatistics {
  const n = values.length / size;
  const rows = Array.from({ length: size }, (_, d) => {
    const column = Float64Array.from({ length: n }, (_, i) => values[i * size + d]!).sort();
    const mean = column.reduce((sum, value) => sum + value, 0) / n;
    const variance = column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
    const quantile = (q: number) => {
      const at = q * (n - 1);
      const low = column[Math.floor(at)]!;
      return low + (column[Math.ceil(at)]! - low) * (at % 1);
    };
    return {
      min: column[0]!,
      max: column[n - 1]!,
      mean,
      std: Math.sqrt(variance),
      ...Object.fromEntries(QUANTILES.map(([name, q]) => [name, quantile(q)])),
    };
  });
  const pick = (name: string) => rows.map((row) => (row as Record<string, number>)[name]!);
  return {
    ...Object.fromEntries(STATISTIC_NAMES.map((name) => [name, pick(name)])),
    count: [count],
  } as unknown as FeatureStatistics;
}

/**
 * Statistics of two sets of frames together. Mean and deviation are exact; quantiles are averaged by count as LeRobot
 * does (an estimate: `pixelvla data stats` computes exact ones).
 */
export function mergeStatistics(a: FeatureStatistics | undefined, b: FeatureStatistics): FeatureStatistics {
  if (a === undefined) return b;
  const [na, nb] = [a.count[0], b.count[0]];
  const n = na + nb;
  const zip = (name: (typeof STATISTIC_NAMES)[number], merge: (x: number, y: number, d: number) => number) =>
    a[name].map((x, d) => merge(x, b[name][d]!, d));
  const average = (x: number, y: number) => (x * na + y * nb) / n;
  const mean = zip("mean", average);
  const std = zip("std", (x, y, d) =>
    Math.sqrt((na * (x * x + (a.mean[d]! - mean[d]!) ** 2) + nb * (y * y + (b.mean[d]! - mean[d]!) ** 2)) / n),
  );
  const quantiles = Object.fromEntries(QUANTILES.map(([name]) => [name, zip(name, average)]));
  return {
    min: zip("min", Math.min),
    max: zip("max", Math.max),
    mean,
    std,
    count: [n],
    ...quantiles,
  } as unknown as FeatureStatistics;
}

/** `meta/stats.json` form: colour statistics become `[3, 1, 1]`. */
export function statisticsToJson(statistics: FeatureStatistics, isImage: boolean): Record<string, unknown> {
  const shaped = (values: readonly number[]) => (isImage ? values.map((value) => [[value]]) : values);
  return {
    ...Object.fromEntries(STATISTIC_NAMES.map((name) => [name, shaped(statistics[name])])),
    count: statistics.count,
  };
}

/** Inverse of `statisticsToJson`. */
export function statisticsFromJson(json: Record<string, unknown>): FeatureStatistics {
  return Object.fromEntries(
    Object.entries(json).map(([name, values]) => [name, (values as unknown[]).flat(2)]),
  ) as unknown as FeatureStatistics;
}
