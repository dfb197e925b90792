import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import type { Tensor } from "../graph/tensor.ts";

export const transposeOperator = defineOperator<{ perm: readonly number[] }>({
  name: "Transpose",
  summary: "Reorders the axes: output axis i is input axis perm[i].",
  attributes: { perm: "ints" },
  infer([x], { perm }) {
    const rank = x?.shape.length ?? 0;
    const valid = perm.length === rank && new Set(perm).size === rank && perm.every((p) => p >= 0 && p < rank);
    if (x === undefined || !valid)
      throw operatorMismatch(`axis order [${perm.join(", ")}]`, `each of ${rank} axes once`);
    return [{ dtype: x.dtype, shape: perm.map((p) => x.shape[p]!) }];
  },
  gradient: ({ outputGradients, attributes: { perm } }) => [
    transpose(
      outputGradients[0]!,
      perm.map((_, axis) => perm.indexOf(axis)),
    ),
  ],
  flops: () => 0,
});

/** `x` with its axes in another order. */
export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  return perm.length === x.rank && perm.every((p, i) => p === i) ? x : emitOne(transposeOperator, [x], { perm });
}
