import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { normaliseAxis, sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { mul } from "./mul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { sub } from "./sub.ts";

export const softmaxOperator = defineOperator<{ axis: number }>({
  name: "Softmax",
  summary: "exp(x - max) normalised to sum 1 along one axis.",
  attributes: { axis: "int" },
  infer([x], { axis }) {
    if (x === undefined || normaliseAxis(axis, x.shape.length) === undefined)
      throw operatorMismatch(`axis ${axis}`, "an axis of the input");
    return [x];
  },
  gradient: ({ outputs, outputGradients, attributes: { axis } }) => {
    const y = outputs[0]!;
    const weighted = mul(outputGradients[0]!, y);
    return [sub(weighted, mul(y, reduceSum(weighted, [axis], true)))];
  },
  flops: ([x]) => 12 * sizeOf(x!.shape),
});

/** Softmax along `axis` (the last by default). */
export function softmax(x: Tensor, axis = -1): Tensor {
  return emitOne(softmaxOperator, [x], { axis: axis < 0 ? axis + x.rank : axis });
}
