import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { normaliseAxis, sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { sub } from "./sub.ts";

export const logSoftmaxOperator = defineOperator<{ axis: number }>({
  name: "LogSoftmax",
  summary: "Logarithm of softmax along one axis, without overflow.",
  attributes: { axis: "int" },
  infer([x], { axis }) {
    if (x === undefined || normaliseAxis(axis, x.shape.length) === undefined)
      throw operatorMismatch(`axis ${axis}`, "an axis of the input");
    return [x];
  },
  gradient: ({ outputs, outputGradients, attributes: { axis } }) => {
    const dy = outputGradients[0]!;
    return [sub(dy, mul(exp(outputs[0]!), reduceSum(dy, [axis], true)))];
  },
  flops: ([x]) => 12 * sizeOf(x!.shape),
});

/** Log-softmax along `axis` (the last by default). */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return emitOne(logSoftmaxOperator, [x], { axis: axis < 0 ? axis + x.rank : axis });
}
