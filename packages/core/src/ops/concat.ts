import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { formatShape, normaliseAxis } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { slice } from "./slice.ts";

export const concatOperator = defineOperator<{ axis: number }>({
  name: "Concat",
  summary: "Joins tensors along one axis.",
  attributes: { axis: "int" },
  infer(inputs, { axis }) {
    const first = inputs[0];
    if (first === undefined || normaliseAxis(axis, first.shape.length) === undefined) {
      throw operatorMismatch(`axis ${axis}`, `an axis of rank ${first?.shape.length ?? 0}`);
    }
    let total = 0;
    for (const x of inputs) {
      const fits =
        x !== undefined &&
        x.dtype === first.dtype &&
        x.shape.length === first.shape.length &&
        x.shape.every((dim, i) => i === axis || dim === first.shape[i]);
      if (!fits) {
        throw operatorMismatch(
          `${x?.dtype ?? "none"}${formatShape(x?.shape ?? [])} beside ${first.dtype}${formatShape(first.shape)}`,
          `equal types and shapes except along axis ${axis}`,
        );
      }
      total += x.shape[axis]!;
    }
    return [{ dtype: first.dtype, shape: first.shape.map((dim, i) => (i === axis ? total : dim)) }];
  },
  gradient: ({ inputs, outputGradients, attributes: { axis }, needs }) => {
    let start = 0;
    return inputs.map((x, i) => {
      const end = start + x!.shape[axis]!;
      const part = needs(i) ? slice(outputGradients[0]!, axis, start, end) : undefined;
      start = end;
      return part;
    });
  },
  flops: () => 0,
});

/** Joins tensors along `axis`; a single tensor is returned as it is. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first, ...rest] = tensors;
  if (first === undefined) throw operatorMismatch("no tensors", "at least one");
  return rest.length === 0
    ? first
    : emitOne(concatOperator, [first, ...rest], { axis: axis < 0 ? axis + first.rank : axis });
}
