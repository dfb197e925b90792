/** The `q` quantile of the values, linearly interpolated; `q` in [0, 1]. Values need not be sorted. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}

export interface Timing {
  readonly medianMs: number;
  readonly minMs: number;
  readonly p10Ms: number;
  readonly p90Ms: number;
  readonly runs: number;
  readonly timesMs: readonly number[];
}

/** Summary of measured times, in milliseconds. */
export function summarise(timesMs: readonly number[]): Timing {
  return {
    medianMs: quantile(timesMs, 0.5),
    minMs: quantile(timesMs, 0),
    p10Ms: quantile(timesMs, 0.1),
    p90Ms: quantile(timesMs, 0.9),
    runs: timesMs.length,
    timesMs,
  };
}
