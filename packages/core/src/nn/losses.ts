import type { Tensor } from "../graph/tensor.ts";
import { abs } from "../ops/abs.ts";
import { cast } from "../ops/cast.ts";
import { div } from "../ops/div.ts";
import { equal } from "../ops/equal.ts";
import { gatherElements } from "../ops/gather-elements.ts";
import { logSoftmax } from "../ops/log-softmax.ts";
import { max } from "../ops/max.ts";
import { mul } from "../ops/mul.ts";
import { neg } from "../ops/neg.ts";
import { not } from "../ops/not.ts";
import { reduceMean } from "../ops/reduce-mean.ts";
import { reduceSum } from "../ops/reduce-sum.ts";
import { reshape } from "../ops/reshape.ts";
import { sub } from "../ops/sub.ts";
import { where } from "../ops/where.ts";
import { sizeOf } from "../graph/shape.ts";

/** Mean of `|prediction - target|`; with `weights` (broadcast over trailing axes of 1) a weighted mean. */
export function l1Loss(prediction: Tensor, target: Tensor, weights?: Tensor): Tensor {
  return weightedMean(abs(sub(prediction, target)), weights);
}

/** Mean of squared differences, weighted as `l1Loss`. */
export function mseLoss(prediction: Tensor, target: Tensor, weights?: Tensor): Tensor {
  const difference = sub(prediction, target);
  return weightedMean(mul(difference, difference), weights);
}

function weightedMean(values: Tensor, weights: Tensor | undefined): Tensor {
  if (weights === undefined) return reduceMean(values);
  const repeats = sizeOf(values.shape) / sizeOf(weights.shape);
  return div(reduceSum(mul(values, weights)), max(mul(reduceSum(weights), repeats), 1e-8));
}

/**
 * Mean cross-entropy of logits `[..., C]` against int64 classes `[...]`. Targets equal to `ignoreIndex` do not count;
 * with none left the loss is 0.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, ignoreIndex = -100): Tensor {
  const classes = logits.shape.at(-1)!;
  const count = sizeOf(targets.shape);
  const flat = reshape(targets, [count, 1]);
  const kept = not(equal(flat, ignoreIndex));
  const picked = gatherElements(logSoftmax(reshape(logits, [count, classes])), where(kept, flat, 0), 1);
  const weights = cast(kept, logits.dtype);
  return div(neg(reduceSum(mul(picked, weights))), max(reduceSum(weights), 1));
}
