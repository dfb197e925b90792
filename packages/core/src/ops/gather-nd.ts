import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import type { Tensor } from "../graph/tensor.ts";
import { filled } from "./filled.ts";
import { scatterNdAdd } from "./scatter-nd.ts";

export const gatherNdOperator = defineOperator({
  name: "GatherND",
  summary: "Slices of data at index tuples [..., depth].",
  attributes: {},
  infer([data, indices]) {
    const depth = indices?.shape.at(-1);
    if (data === undefined || indices?.dtype !== "int64" || depth === undefined || depth > data.shape.length) {
      throw operatorMismatch(
        `indices of type ${indices?.dtype ?? "none"} and depth ${depth ?? 0}`,
        "int64 tuples no deeper than data",
      );
    }
    return [{ dtype: data.dtype, shape: [...indices.shape.slice(0, -1), ...data.shape.slice(depth)] }];
  },
  gradient: ({ inputs, outputGradients }) => {
    const [data, indices] = inputs as [Tensor, Tensor];
    return [scatterNdAdd(filled(0, data.shape, data), indices, outputGradients[0]!), undefined];
  },
  flops: () => 0,
});

/** Slices of `data` at int64 index tuples `indices` `[..., depth]`. */
export function gatherNd(data: Tensor, indices: Tensor): Tensor {
  return emitOne(gatherNdOperator, [data, indices]);
}
