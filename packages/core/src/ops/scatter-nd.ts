import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { formatShape, sameShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { filled } from "./filled.ts";
import { gatherNd } from "./gather-nd.ts";
import { reshape } from "./reshape.ts";

export const scatterNdOperator = defineOperator<{ reduction: string }>({
  name: "ScatterND",
  summary: "data with updates added at index tuples; equal tuples add up.",
  attributes: { reduction: "string" },
  infer([data, indices, updates], { reduction }) {
    if (data === undefined || updates === undefined || indices?.dtype !== "int64") {
      throw operatorMismatch(`indices of type ${indices?.dtype ?? "none"}`, "data, int64 index tuples and updates");
    }
    if (reduction !== "add") throw operatorMismatch(`reduction "${reduction}"`, `"add"`);
    const depth = indices.shape.at(-1) ?? 0;
    const expected = [...indices.shape.slice(0, -1), ...data.shape.slice(depth)];
    if (depth > data.shape.length || !sameShape(updates.shape, expected)) {
      throw operatorMismatch(`updates of shape ${formatShape(updates.shape)}`, formatShape(expected));
    }
    return [data];
  },
  gradient: ({ inputs, outputGradients, needs }) => [
    outputGradients[0],
    undefined,
    needs(2) ? gatherNd(outputGradients[0]!, inputs[1]!) : undefined,
  ],
});

/** `data` with `updates` added at the index tuples `indices` `[..., depth]` (int64). */
export function scatterNdAdd(data: Tensor, indices: Tensor, updates: Tensor): Tensor {
  return emitOne(scatterNdOperator, [data, indices, updates], { reduction: "add" });
}

/** Zeros `[rows, D]` with `updates` `[n, D]` added to the rows named by `indices` `[n]` (int64). */
export function scatterAddRows(rows: number, indices: Tensor, updates: Tensor): Tensor {
  const zeros = filled(0, [rows, updates.shape[1]!], updates);
  return scatterNdAdd(zeros, reshape(indices, [indices.shape[0]!, 1]), updates);
}
