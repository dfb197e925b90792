import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { normaliseAxis } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";

export const argMaxOperator = defineOperator<{ axis: number; keepdims: number }>({
  name: "ArgMax",
  summary: "Index of the first largest element along one axis.",
  attributes: { axis: "int", keepdims: "int" },
  infer([x], { axis, keepdims }) {
    if (x === undefined || normaliseAxis(axis, x.shape.length) === undefined)
      throw operatorMismatch(`axis ${axis}`, "an axis of the input");
    return [{ dtype: "int64", shape: x.shape.flatMap((d, i) => (i === axis ? (keepdims === 1 ? [1] : []) : [d])) }];
  },
  gradient: "not differentiable",
});

/** int64 index of the first largest element along `axis` (the last by default), which disappears. */
export function argMax(x: Tensor, axis = -1): Tensor {
  return emitOne(argMaxOperator, [x], { axis: axis < 0 ? axis + x.rank : axis, keepdims: 0 });
}
