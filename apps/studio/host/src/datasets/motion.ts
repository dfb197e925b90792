import type { Outlier } from "@pixelvla/studio-contract";
import { quantile } from "./histogram.ts";

/** A commanded translation below this, in metres a frame, counts as not moving. */
const STILL_M = 1e-4;
const MAX_OF_A_KIND = 50;

/** How one episode moves, from its commanded translations. */
export class EpisodeMotion {
  readonly episodeIndex: number;
  readonly task: string;
  /** Share of frames that hardly move, 0 to 1. */
  readonly stillShare: number;
  /** Mean change of the commanded translation from frame to frame over its mean size; near 0 is smooth, 2 reverses every frame. */
  readonly jerkiness: number;

  /** @param action `[T, A]`, the first three columns a translation in metres */
  constructor(episodeIndex: number, task: string, action: Float32Array, nFrames: number) {
    this.episodeIndex = episodeIndex;
    this.task = task;
    const width = action.length / nFrames;
    const nAxes = Math.min(3, width);
    let nStill = 0;
    let size = 0;
    let change = 0;
    for (let t = 0; t < nFrames; t++) {
      let squared = 0;
      let changed = 0;
      for (let axis = 0; axis < nAxes; axis++) {
        const value = action[t * width + axis]!;
        squared += value * value;
        if (t > 0) changed += (value - action[(t - 1) * width + axis]!) ** 2;
      }
      if (Math.sqrt(squared) < STILL_M) nStill++;
      size += Math.sqrt(squared);
      change += Math.sqrt(changed);
    }
    this.stillShare = nStill / nFrames;
    const meanSize = size / nFrames;
    this.jerkiness = nFrames < 2 || meanSize < STILL_M ? 0 : change / (nFrames - 1) / meanSize;
  }
}

/** Episodes that stand still for most of their length, and those far jerkier than the rest (three interquartile ranges above). */
export function motionOutliers(motions: readonly EpisodeMotion[]): Outlier[] {
  const still = motions
    .filter(({ stillShare }) => stillShare > 0.6)
    .map(({ episodeIndex, task, stillShare }): Outlier => ({
      episodeIndex,
      task,
      kind: "still",
      score: stillShare,
      reason: `${Math.round(stillShare * 100)} % of its frames hardly move`,
    }));
  const sorted = Float64Array.from(motions, ({ jerkiness }) => jerkiness).sort();
  const median = quantile(sorted, 0.5);
  const limit = quantile(sorted, 0.75) + 3 * Math.max(0.05, quantile(sorted, 0.75) - quantile(sorted, 0.25));
  const jerky = motions
    .filter(({ jerkiness }) => jerkiness > limit)
    .map(({ episodeIndex, task, jerkiness }): Outlier => ({
      episodeIndex,
      task,
      kind: "jerky",
      score: jerkiness,
      reason: `commands change by ${jerkiness.toFixed(2)} of their size each frame, the median is ${median.toFixed(2)}`,
    }));
  const worst = (found: Outlier[]) => found.sort((a, b) => b.score - a.score).slice(0, MAX_OF_A_KIND);
  return [...worst(still), ...worst(jerky)];
}
