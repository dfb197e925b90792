/** Thinning of lines for the screen. */

/** Points of a line; x ascending. */
export interface Line {
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
}

/**
 * At most about `maxPoints` points that look the same: of each stretch of x the first, lowest, highest and last point are kept, so that
 * no spike is lost. Nulls break the line and are kept at the ends of their stretch.
 */
export function decimate({ x, y }: Line, maxPoints: number): { x: number[]; y: (number | null)[] } {
  const n = x.length;
  if (n <= maxPoints || n === 0) return { x: [...x], y: [...y] };
  const nBuckets = Math.max(1, Math.floor(maxPoints / 4));
  const x0 = x[0]!;
  const width = (x[n - 1]! - x0) / nBuckets || 1;
  const kept: number[] = [];
  let from = 0;
  while (from < n) {
    const bucket = Math.min(nBuckets - 1, Math.floor((x[from]! - x0) / width));
    let to = from;
    let lowest = from;
    let highest = from;
    while (to < n && Math.min(nBuckets - 1, Math.floor((x[to]! - x0) / width)) === bucket) {
      const value = y[to] ?? null;
      if (value !== null && (y[lowest] === null || value < y[lowest]!)) lowest = to;
      if (value !== null && (y[highest] === null || value > y[highest]!)) highest = to;
      to++;
    }
    const chosen = [...new Set([from, lowest, highest, to - 1])].sort((a, b) => a - b);
    for (const index of chosen) kept.push(index);
    from = to;
  }
  return { x: kept.map((index) => x[index]!), y: kept.map((index) => y[index] ?? null) };
}

/** Index of the x nearest to `at`; -1 for an empty line. */
export function nearestIndex(x: readonly number[], at: number): number {
  if (x.length === 0) return -1;
  let low = 0;
  let high = x.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle]! < at) low = middle + 1;
    else high = middle;
  }
  return low > 0 && at - x[low - 1]! <= x[low]! - at ? low - 1 : low;
}
