import { emitOne } from "../graph/graph.ts";
import { defineOperator, int64Input, operatorMismatch } from "../graph/operator.ts";
import { broadcastShapes, formatShape, sameShape, type Shape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { unbroadcast } from "./unbroadcast.ts";

export const expandOperator = defineOperator<{ shape: Shape }>({
  name: "Expand",
  summary: "Broadcasts a tensor to a larger shape.",
  attributes: { shape: "none" },
  infer([x], { shape }) {
    const target = x === undefined ? undefined : broadcastShapes(x.shape, shape);
    if (x === undefined || target === undefined || !sameShape(target, shape)) {
      throw operatorMismatch(
        `target shape ${formatShape(shape)}`,
        `a shape that ${formatShape(x?.shape ?? [])} broadcasts to`,
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  gradient: ({ inputs, outputGradients }) => [unbroadcast(outputGradients[0]!, inputs[0]!.shape)],
  flops: () => 0,
  constantInputs: ({ shape }) => [int64Input(shape)],
});

/** `x` broadcast to `shape`; returns `x` when it already has that shape. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.shape, shape) ? x : emitOne(expandOperator, [x], { shape });
}
