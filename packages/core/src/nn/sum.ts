import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/add.ts";

/** Sum of tensors of one shape; at least one. */
export function sum(tensors: readonly [Tensor, ...Tensor[]]): Tensor {
  const [first, ...rest] = tensors;
  return rest.reduce((total, t) => add(total, t), first);
}
