import { sameShape, type Shape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { reduceSum } from "./reduce-sum.ts";
import { reshape } from "./reshape.ts";
import { sumLeading } from "./sum-leading.ts";

/** Sums a gradient over the axes along which its operand of shape `shape` was broadcast. */
export function unbroadcast(gradient: Tensor, shape: Shape): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  const lead = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((dim, i) => (i < lead || (shape[i - lead] === 1 && dim !== 1) ? [i] : []));
  if (axes.length === 0) return reshape(gradient, shape);
  const areLeading = axes.at(-1) === axes.length - 1;
  return reshape(areLeading ? sumLeading(gradient, axes.length) : reduceSum(gradient, axes), shape);
}
