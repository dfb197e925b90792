import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { broadcastShapes, formatShape, sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { transpose } from "./transpose.ts";
import { unbroadcast } from "./unbroadcast.ts";

export const matmulOperator = defineOperator({
  name: "MatMul",
  summary: "Matrix product of the last two axes, leading axes broadcast: [..., M, K] x [..., K, N] -> [..., M, N].",
  attributes: {},
  infer([a, b]) {
    if (a === undefined || b === undefined || a.shape.length < 2 || b.shape.length < 2) {
      throw operatorMismatch(
        `ranks ${a?.shape.length ?? 0} and ${b?.shape.length ?? 0}`,
        "two matrices or stacks of them",
      );
    }
    const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
    if (a.dtype !== b.dtype || batch === undefined || a.shape.at(-1) !== b.shape.at(-2)) {
      throw operatorMismatch(
        `${a.dtype}${formatShape(a.shape)} x ${b.dtype}${formatShape(b.shape)}`,
        "matching inner dimensions",
      );
    }
    return [{ dtype: a.dtype, shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!] }];
  },
  gradient: ({ inputs, outputGradients, needs }) => {
    const [a, b] = inputs as [Tensor, Tensor];
    const dy = outputGradients[0]!;
    return [
      needs(0) ? unbroadcast(matmul(dy, transposeLast(b)), a.shape) : undefined,
      needs(1) ? unbroadcast(matmul(transposeLast(a), dy), b.shape) : undefined,
    ];
  },
  flops: ([a], [y]) => 2 * sizeOf(y!.shape) * a!.shape.at(-1)!,
});

/** Matrix product of the last two axes; leading axes broadcast. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return emitOne(matmulOperator, [a, b]);
}

/** Swaps the last two axes. */
export function transposeLast(x: Tensor): Tensor {
  const axes = [...x.shape.keys()];
  return transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}
