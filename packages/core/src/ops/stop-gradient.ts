import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import type { Tensor } from "../graph/tensor.ts";

export const identityOperator = defineOperator({
  name: "Identity",
  summary: "The input itself; gradients stop here.",
  attributes: {},
  infer([x]) {
    if (x === undefined) throw operatorMismatch("no input", "one tensor");
    return [x];
  },
  gradient: () => [],
  flops: () => 0,
});

/** `x` as a constant for differentiation: what comes before gets no gradient through it. */
export function stopGradient(x: Tensor): Tensor {
  return emitOne(identityOperator, [x]);
}
