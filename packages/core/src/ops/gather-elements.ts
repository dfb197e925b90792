import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { formatShape, normaliseAxis } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { filled } from "./filled.ts";
import { scatterElementsAdd } from "./scatter-elements.ts";

export const gatherElementsOperator = defineOperator<{ axis: number }>({
  name: "GatherElements",
  summary: "One element per index along an axis: y[i][j] = x[index[i][j]][j] for axis 0.",
  attributes: { axis: "int" },
  infer([x, indices], { axis }) {
    if (x === undefined || indices?.dtype !== "int64" || normaliseAxis(axis, x.shape.length) === undefined) {
      throw operatorMismatch(
        `indices of type ${indices?.dtype ?? "none"} on axis ${axis}`,
        "int64 indices on an axis of the input",
      );
    }
    if (indices.shape.length !== x.shape.length || !indices.shape.every((d, i) => i === axis || d <= x.shape[i]!)) {
      throw operatorMismatch(
        `indices of shape ${formatShape(indices.shape)}`,
        `the rank of ${formatShape(x.shape)} and no larger axes`,
      );
    }
    return [{ dtype: x.dtype, shape: indices.shape }];
  },
  gradient: ({ inputs, outputGradients, attributes: { axis } }) => {
    const [x, indices] = inputs as [Tensor, Tensor];
    return [scatterElementsAdd(filled(0, x.shape, x), indices, outputGradients[0]!, axis), undefined];
  },
  flops: () => 0,
});

/** One element of `x` per int64 index along `axis`; same rank as `x`. */
export function gatherElements(x: Tensor, indices: Tensor, axis: number): Tensor {
  return emitOne(gatherElementsOperator, [x, indices], { axis: axis < 0 ? axis + x.rank : axis });
}
