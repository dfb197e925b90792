import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { broadcastShapes, formatShape, sameShape, sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { unbroadcast } from "./unbroadcast.ts";

export const gemmOperator = defineOperator<{ transA: number; transB: number }>({
  name: "Gemm",
  summary: "A' B' + C for matrices, where ' transposes if asked: [M, K] x [K, N] + broadcast C -> [M, N].",
  attributes: { transA: "int", transB: "int" },
  infer([a, b, c], { transA, transB }) {
    if (a?.shape.length !== 2 || b?.shape.length !== 2)
      throw operatorMismatch("operands that are not matrices", "two matrices");
    const [m, k] = transA === 1 ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
    const [kb, n] = transB === 1 ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
    if (k !== kb || a.dtype !== b.dtype) {
      throw operatorMismatch(
        `inner dimensions ${k} and ${kb} (${a.dtype}, ${b.dtype})`,
        "equal inner dimensions and types",
      );
    }
    if (c !== undefined) {
      const shape = broadcastShapes(c.shape, [m, n]);
      if (shape === undefined || !sameShape(shape, [m, n])) {
        throw operatorMismatch(
          `an addend of shape ${formatShape(c.shape)}`,
          `one that broadcasts to ${formatShape([m, n])}`,
        );
      }
    }
    return [{ dtype: a.dtype, shape: [m, n] }];
  },
  gradient: ({ inputs, outputGradients, attributes: { transA, transB }, needs }) => {
    const [a, b, c] = inputs as [Tensor, Tensor, Tensor | undefined];
    const dy = outputGradients[0]!;
    const da = () => (transA === 1 ? gemm(b, dy, undefined, transB, 1) : gemm(dy, b, undefined, 0, 1 - transB));
    const db = () => (transB === 1 ? gemm(dy, a, undefined, 1, transA) : gemm(a, dy, undefined, 1 - transA, 0));
    return [
      needs(0) ? da() : undefined,
      needs(1) ? db() : undefined,
      c !== undefined && needs(2) ? unbroadcast(dy, c.shape) : undefined,
    ];
  },
  flops: ([a], [y], { transA }) => 2 * sizeOf(y!.shape) * a!.shape[transA === 1 ? 0 : 1]!,
});

/** `a' b' + c` for matrices; `transA`, `transB` are 1 to transpose. The addend broadcasts. */
export function gemm(a: Tensor, b: Tensor, c?: Tensor, transA = 0, transB = 0): Tensor {
  return a.graph.emit(gemmOperator, c === undefined ? [a, b] : [a, b, c], { transA, transB })[0]!;
}
