import type { Band } from "@pixelvla/studio-contract";

/** Runs of one group, each `[nBins]`; NaN where a run has no value. */
export interface BinnedGroup {
  readonly group: string;
  readonly runs: readonly Float32Array[];
}

/** Median and interquartile range of a group in each bin. */
export function bandOf({ group, runs }: BinnedGroup, nBins: number): Band {
  const median: (number | null)[] = [];
  const q25: (number | null)[] = [];
  const q75: (number | null)[] = [];
  const values = new Float32Array(runs.length);
  for (let bin = 0; bin < nBins; bin++) {
    let n = 0;
    for (const run of runs) {
      const value = run[bin]!;
      if (!Number.isNaN(value)) values[n++] = value;
    }
    const found = quartiles(values.subarray(0, n));
    q25.push(found?.[0] ?? null);
    median.push(found?.[1] ?? null);
    q75.push(found?.[2] ?? null);
  }
  return { group, nRuns: runs.length, median, q25, q75 };
}

/** The three quartiles, linearly interpolated; undefined for no values. Reorders `values`, which is faster than sorting them. */
export function quartiles(values: Float32Array): [number, number, number] | undefined {
  const n = values.length;
  if (n === 0) return undefined;
  // Each selection leaves the smaller values before it and the larger ones behind, so that the next looks at a part only.
  const places = [0.25, 0.5, 0.75].map((share) => share * (n - 1));
  const [first, middle, third] = places.map(Math.floor) as [number, number, number];
  select(values, middle, 0, n - 1);
  select(values, first, 0, middle);
  select(values, third, middle, n - 1);
  return places.map((place) => {
    const low = Math.floor(place);
    const below = values[low]!;
    if (low === place) return below;
    let above = Infinity;
    const end = [first, middle, third].find((selected) => selected > low) ?? n - 1;
    for (let i = low + 1; i <= end; i++) if (values[i]! < above) above = values[i]!;
    return below + (above - below) * (place - low);
  }) as [number, number, number];
}

/** Puts the value that sorting would put at `k` there, smaller ones before it and larger ones after it, within [from, to]. */
function select(values: Float32Array, k: number, from: number, to: number): void {
  while (from < to) {
    const pivot = values[(from + to) >> 1]!;
    let i = from;
    let j = to;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const value = values[i]!;
      values[i++] = values[j]!;
      values[j--] = value;
    }
    if (k <= j) to = j;
    else if (k >= i) from = i;
    else return;
  }
}
