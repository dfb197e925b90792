import { emitOne } from "../graph/graph.ts";
import { defineOperator, int64Input, operatorMismatch } from "../graph/operator.ts";
import type { Tensor } from "../graph/tensor.ts";
import { slice } from "./slice.ts";

export const padOperator = defineOperator<{ before: readonly number[]; after: readonly number[] }>({
  name: "Pad",
  summary: "Surrounds a tensor with zeros.",
  attributes: { before: "none", after: "none" },
  infer([x], { before, after }) {
    const rank = x?.shape.length;
    if (
      x === undefined ||
      before.length !== rank ||
      after.length !== rank ||
      [...before, ...after].some((p) => p < 0)
    ) {
      throw operatorMismatch(
        `padding [${before.join(", ")}] [${after.join(", ")}]`,
        "two non-negative numbers per axis",
      );
    }
    return [{ dtype: x.dtype, shape: x.shape.map((dim, i) => dim + before[i]! + after[i]!) }];
  },
  gradient: ({ inputs, outputGradients, attributes: { before } }) => [
    inputs[0]!.shape.reduce(
      (dy, dim, axis) => slice(dy, axis, before[axis]!, before[axis]! + dim),
      outputGradients[0]!,
    ),
  ],
  flops: () => 0,
  constantInputs: ({ before, after }) => [int64Input([...before, ...after])],
});

/** `x` with `[before, after]` zeros added on each axis; returns `x` when nothing is added. */
export function pad(x: Tensor, padding: readonly (readonly [number, number])[]): Tensor {
  if (padding.every(([before, after]) => before === 0 && after === 0)) return x;
  return emitOne(padOperator, [x], { before: padding.map(([b]) => b), after: padding.map(([, a]) => a) });
}
