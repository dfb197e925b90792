import { actionChunk } from "./chunks.ts";

/** The best prediction that looks at nothing: one chunk for every frame. */
export interface ConstantBaseline {
  /** `[Nc, A]`, normalised: the median of each entry over all frames, steps past an episode's end left out. */
  readonly chunk: Float32Array;
  /** Its mean L1 distance over the same frames, weighted as the training loss. */
  readonly l1: number;
}

/**
 * The constant chunk with the smallest L1 over all frames of `episodes`.
 * @param episodes normalised actions `[T, actionDim]` of each episode
 */
export function constantBaseline(
  episodes: readonly Float32Array[],
  actionDim: number,
  chunkSize: number,
): ConstantBaseline {
  const chunk = new Float32Array(chunkSize * actionDim);
  let distance = 0;
  let count = 0;
  for (let k = 0; k < chunkSize; k++) {
    for (let d = 0; d < actionDim; d++) {
      // Entry k of the chunk runs over frames k and later: every frame t >= k is the k-th step of the chunk at t - k.
      const values: number[] = [];
      for (const action of episodes)
        for (let t = k; t < action.length / actionDim; t++) values.push(action[t * actionDim + d]!);
      const sorted = Float32Array.from(values).sort();
      const median = sorted[sorted.length >> 1] ?? 0;
      chunk[k * actionDim + d] = median;
      for (const value of sorted) distance += Math.abs(value - median);
      count += sorted.length;
    }
  }
  return { chunk, l1: count === 0 ? 0 : distance / count };
}

/** Mean L1 of the constant chunk on one frame; used by the tests to check the shortcut above. */
export function constantL1(baseline: ConstantBaseline, action: Float32Array, actionDim: number): number {
  const chunkSize = baseline.chunk.length / actionDim;
  let distance = 0;
  let count = 0;
  for (let t = 0; t < action.length / actionDim; t++) {
    const { actions, weights } = actionChunk(action, actionDim, t, chunkSize);
    for (let i = 0; i < actions.length; i++) {
      const weight = weights[Math.floor(i / actionDim)]!;
      distance += weight * Math.abs(actions[i]! - baseline.chunk[i]!);
      count += weight;
    }
  }
  return distance / count;
}
