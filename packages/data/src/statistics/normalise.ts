import type { ColumnStatistics } from "./dataset-statistics.ts";

/** `q99`: OpenVLA's and the paper's bounds from quantiles; `bounds`: from minimum and maximum; `normal`: mean and deviation. */
export type Normalisation = "q99" | "bounds" | "normal";

const EPSILON = 1e-8;

/**
 * Normalises rows `[T, A]`. Where `mask` is false values pass; for `q99` and `bounds`, dimensions whose minimum equals their
 * maximum become 0 and the others are clipped to [-1, 1].
 */
export function normalise(rows: Float32Array, statistics: ColumnStatistics, how: Normalisation = "q99"): Float32Array {
  const { mean, std, min, max, mask } = statistics;
  const [low, high] = bounds(statistics, how);
  const width = mask.length;
  return rows.map((x, i) => {
    const d = i % width;
    if (how === "normal") return mask[d] ? (x - mean[d]!) / (std[d]! + EPSILON) : x;
    if (min[d] === max[d]) return 0;
    if (!mask[d]) return x;
    return Math.min(1, Math.max(-1, (2 * (x - low[d]!)) / (high[d]! - low[d]! + EPSILON) - 1));
  });
}

/** The inverse of `normalise`, as OpenVLA applies it to predictions. */
export function denormalise(
  rows: Float32Array,
  statistics: ColumnStatistics,
  how: Normalisation = "q99",
): Float32Array {
  const { mean, std, mask } = statistics;
  const [low, high] = bounds(statistics, how);
  const width = mask.length;
  return rows.map((y, i) => {
    const d = i % width;
    if (!mask[d]) return y;
    return how === "normal" ? y * (std[d]! + EPSILON) + mean[d]! : 0.5 * (y + 1) * (high[d]! - low[d]!) + low[d]!;
  });
}

/**
 * The action chunk that starts at `frameIndex`: rows `[chunkSize, A]` of `actions` `[T, A]`. Past the episode's end relative
 * dimensions are 0 and absolute ones (`absolute[d]`, the gripper) repeat the last value. Call it after `normalise`, as OpenVLA and
 * Octo do: the padding is then the middle of the normalised range.
 */
export function actionChunk(
  actions: Float32Array,
  absolute: readonly boolean[],
  frameIndex: number,
  chunkSize: number,
): Float32Array {
  const width = absolute.length;
  const nFrames = actions.length / width;
  const chunk = new Float32Array(chunkSize * width);
  for (let c = 0; c < chunkSize; c++) {
    const inside = frameIndex + c < nFrames;
    const t = Math.min(frameIndex + c, nFrames - 1);
    for (let d = 0; d < width; d++) if (inside || absolute[d]) chunk[c * width + d] = actions[t * width + d]!;
  }
  return chunk;
}

function bounds({ q01, q99, min, max }: ColumnStatistics, how: Normalisation): [readonly number[], readonly number[]] {
  return how === "bounds" ? [min, max] : [q01, q99];
}
