import { Random } from "@pixelvla/core";
import { mcnemarExact } from "./mcnemar.ts";

/** One episode layout played by both arms. */
export interface Pair {
  /** Same layout, same name: task, variant and layout seed. */
  readonly layout: string;
  /** Training seed. */
  readonly seed: number;
  readonly first: boolean;
  readonly second: boolean;
}

/** How much better the second arm is, in success rate; shares in [-1, 1]. */
export interface PairedDifference {
  readonly difference: number;
  /** 95 % interval over layouts and training seeds. */
  readonly low: number;
  readonly high: number;
  /** Exact McNemar test over all pairs. */
  readonly pValue: number;
  readonly nPairs: number;
  readonly nGained: number;
  readonly nLost: number;
}

const RESAMPLES = 2000;

/**
 * Difference of two arms over pairs. The interval is a percentile bootstrap that draws layouts and training seeds anew, both: the
 * same layout played by several training seeds is no new evidence about layouts, nor one training seed on many layouts about training.
 * The test counts every pair.
 *
 * Source: two-way ("pigeonhole") bootstrap, Owen 2007, doi:10.1214/07-AOAS122.
 */
export function pairedDifference(pairs: readonly Pair[]): PairedDifference {
  const nGained = pairs.filter(({ first, second }) => second && !first).length;
  const nLost = pairs.filter(({ first, second }) => first && !second).length;
  const [low, high] = interval(pairs);
  return {
    difference: (nGained - nLost) / pairs.length,
    low,
    high,
    pValue: mcnemarExact(nGained, nLost),
    nPairs: pairs.length,
    nGained,
    nLost,
  };
}

function interval(pairs: readonly Pair[]): [number, number] {
  if (pairs.length === 0) return [-1, 1];
  const layouts = [...new Set(pairs.map(({ layout }) => layout))];
  const seeds = [...new Set(pairs.map(({ seed }) => seed))];
  const layoutAt = new Map(layouts.map((name, i) => [name, i]));
  const seedAt = new Map(seeds.map((name, i) => [name, i]));
  const rows = pairs.map(({ layout, seed, first, second }) => ({
    layout: layoutAt.get(layout)!,
    seed: seedAt.get(seed)!,
    gain: Number(second) - Number(first),
  }));
  const random = new Random(`paired ${pairs.length} ${layouts.length} ${seeds.length}`);
  const means: number[] = [];
  for (let i = 0; i < RESAMPLES; i++) {
    const layoutCount = drawn(layouts.length, random);
    const seedCount = drawn(seeds.length, random);
    let sum = 0;
    let weight = 0;
    for (const { layout, seed, gain } of rows) {
      const times = layoutCount[layout]! * seedCount[seed]!;
      sum += times * gain;
      weight += times;
    }
    if (weight > 0) means.push(sum / weight);
  }
  means.sort((a, b) => a - b);
  const at = (share: number) => means[Math.min(means.length - 1, Math.max(0, Math.round(share * (means.length - 1))))]!;
  return [at(0.025), at(0.975)];
}

/** How often each of `n` is drawn in `n` draws with replacement; a single one is always drawn. */
function drawn(n: number, random: Random): Uint32Array {
  const counts = new Uint32Array(n);
  for (let i = 0; i < n; i++) counts[random.integer(n)]!++;
  return counts;
}
