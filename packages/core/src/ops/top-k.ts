import { defineOperator, int64Input, operatorMismatch } from "../graph/operator.ts";
import { normaliseAxis } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { filled } from "./filled.ts";
import { scatterElementsAdd } from "./scatter-elements.ts";

export const topKOperator = defineOperator<{ k: number; axis: number }>({
  name: "TopK",
  summary: "The k largest elements along one axis, sorted, and their int64 indices.",
  attributes: { k: "none", axis: "int" },
  infer([x], { k, axis }) {
    const dim = x?.shape[axis];
    if (x === undefined || normaliseAxis(axis, x.shape.length) === undefined || dim === undefined || k < 1 || k > dim) {
      throw operatorMismatch(`k = ${k} on axis ${axis}`, `1 to ${dim ?? 0}`);
    }
    const shape = x.shape.map((d, i) => (i === axis ? k : d));
    return [
      { dtype: x.dtype, shape },
      { dtype: "int64", shape },
    ];
  },
  gradient: ({ inputs, outputs, outputGradients, attributes: { axis } }) => {
    const x = inputs[0]!;
    return [scatterElementsAdd(filled(0, x.shape, x), outputs[1]!, outputGradients[0]!, axis)];
  },
  constantInputs: ({ k }) => [int64Input([k])],
});

/** The `k` largest elements along `axis` (the last by default), largest first, and where they were. */
export function topK(x: Tensor, k: number, axis = -1): { values: Tensor; indices: Tensor } {
  const outputs = x.graph.emit(topKOperator, [x], { k, axis: axis < 0 ? axis + x.rank : axis });
  return { values: outputs[0]!, indices: outputs[1]! };
}
