import type { Tensor } from "../graph/tensor.ts";
import type { Shape } from "../graph/shape.ts";
import { expand } from "./expand.ts";
import { toTensor } from "./unary.ts";

/** `shape` filled with one value, of the element type of `like`. */
export function filled(value: number, shape: Shape, like: Tensor): Tensor {
  return expand(toTensor(value, like.graph, like.dtype), shape);
}
