import type { Tensor } from "../graph/tensor.ts";
import { div } from "../ops/div.ts";
import { matmul } from "../ops/matmul.ts";
import { max } from "../ops/max.ts";
import { reduceSum } from "../ops/reduce-sum.ts";
import { reshape } from "../ops/reshape.ts";
import { resizeMask } from "./resize.ts";

/**
 * Mean of features inside a mask: level `[B, Hi, Wi, Di]`, weights `[B, Hi, Wi]` in [0, 1] -> `[B, 1, Di]`.
 * An all-zero mask gives zeros, never NaN.
 *
 * Source: PixelVLA §4.1, Eq. (3), read as masked mean pooling (reference reading A, B).
 */
export function maskedMean(level: Tensor, mask: Tensor): Tensor {
  const [b, h, w, d] = level.shape as [number, number, number, number];
  const weights = reshape(mask, [b, 1, h * w]);
  const total = max(reduceSum(weights, [2], true), 1e-6);
  return div(matmul(weights, reshape(level, [b, h * w, d])), total);
}

/** Coverage of each cell of `level` `[B, Hi, Wi, Di]` by `mask` `[B, H, W]`: area average, in [0, 1]. */
export function resizeAreaLike(mask: Tensor, level: Tensor): Tensor {
  return resizeMask(mask, level.shape[1]!, level.shape[2]!, { kernel: "area" });
}
