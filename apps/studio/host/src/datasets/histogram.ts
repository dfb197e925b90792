import type { Histogram } from "@pixelvla/studio-contract";

/** Bins `values` evenly between their extremes; whole numbers get bins of whole width. Empty input gives no bins. */
export function histogram(values: ArrayLike<number>, nBins: number, areWhole = false): Histogram {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  if (!(max >= min)) return { edges: [], counts: [] };
  if (min === max) return { edges: areWhole ? [min, max + 1] : [min - 0.5, max + 0.5], counts: [values.length] };
  const width = areWhole ? Math.max(1, Math.ceil((max + 1 - min) / nBins)) : (max - min) / nBins;
  const n = areWhole ? Math.ceil((max + 1 - min) / width) : nBins;
  const counts = new Array<number>(n).fill(0);
  for (let i = 0; i < values.length; i++) {
    const bin = Math.floor((values[i]! - min) / width);
    if (bin >= 0) counts[Math.min(n - 1, bin)]!++;
  }
  return { edges: Array.from({ length: n + 1 }, (_, i) => min + i * width), counts };
}

/** The `q` quantile (0 to 1) of ascending numbers, linearly interpolated; NaN for none. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  if (!(low >= 0)) return NaN;
  const below = sorted[low]!;
  return low + 1 < sorted.length ? below + (sorted[low + 1]! - below) * (at - low) : below;
}
