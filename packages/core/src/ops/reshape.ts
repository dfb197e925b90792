import { emitOne } from "../graph/graph.ts";
import { defineOperator, int64Input, operatorMismatch } from "../graph/operator.ts";
import { formatShape, sameShape, sizeOf, type Shape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";

export const reshapeOperator = defineOperator<{ shape: Shape }>({
  name: "Reshape",
  summary: "The same elements in row-major order under another shape.",
  attributes: { shape: "none" },
  infer([x], { shape }) {
    if (x === undefined || sizeOf(shape) !== sizeOf(x.shape)) {
      throw operatorMismatch(
        `target shape ${formatShape(shape)}`,
        `as many elements as ${formatShape(x?.shape ?? [])}`,
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  gradient: ({ inputs, outputGradients }) => [reshape(outputGradients[0]!, inputs[0]!.shape)],
  flops: () => 0,
  constantInputs: ({ shape }) => [int64Input(shape)],
});

/** `x` under another shape; one dimension may be -1, meaning "what remains". Returns `x` when nothing changes. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.reduce((product, dim) => (dim === -1 ? product : product * dim), 1);
  const target = shape.map((dim) => (dim === -1 ? sizeOf(x.shape) / known : dim));
  return sameShape(x.shape, target) ? x : emitOne(reshapeOperator, [x], { shape: target });
}
