import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { formatShape, normaliseAxis, sameShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gatherElements } from "./gather-elements.ts";

export const scatterElementsOperator = defineOperator<{ axis: number; reduction: string }>({
  name: "ScatterElements",
  summary: "data with each update added at its index along an axis; equal places add up.",
  attributes: { axis: "int", reduction: "string" },
  infer([data, indices, updates], { axis, reduction }) {
    if (data === undefined || indices?.dtype !== "int64" || normaliseAxis(axis, data.shape.length) === undefined) {
      throw operatorMismatch(
        `indices of type ${indices?.dtype ?? "none"} on axis ${axis}`,
        "int64 indices on an axis of the data",
      );
    }
    if (reduction !== "add") throw operatorMismatch(`reduction "${reduction}"`, `"add"`);
    if (
      updates === undefined ||
      !sameShape(indices.shape, updates.shape) ||
      indices.shape.length !== data.shape.length
    ) {
      throw operatorMismatch(
        `updates of shape ${formatShape(updates?.shape ?? [])}`,
        `the indices' shape ${formatShape(indices.shape)}`,
      );
    }
    return [data];
  },
  gradient: ({ inputs, outputGradients, attributes: { axis }, needs }) => [
    outputGradients[0],
    undefined,
    needs(2) ? gatherElements(outputGradients[0]!, inputs[1]!, axis) : undefined,
  ],
});

/** `data` with `updates` added at int64 `indices` along `axis`; indices and updates have one shape. */
export function scatterElementsAdd(data: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  return emitOne(scatterElementsOperator, [data, indices, updates], {
    axis: axis < 0 ? axis + data.rank : axis,
    reduction: "add",
  });
}
