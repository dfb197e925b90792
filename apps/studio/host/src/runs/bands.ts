import type { Band } from "@pixelvla/studio-contract";
import { quantile } from "../datasets/histogram.ts";

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
    const sorted = values.subarray(0, n).sort();
    median.push(n === 0 ? null : quantile(sorted, 0.5));
    q25.push(n === 0 ? null : quantile(sorted, 0.25));
    q75.push(n === 0 ? null : quantile(sorted, 0.75));
  }
  return { group, nRuns: runs.length, median, q25, q75 };
}
