import { sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { matmul } from "./matmul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { reshape } from "./reshape.ts";

/** Smaller sums stay as they are: two nodes more are not worth it. A round number, not tuned. */
const WORTHWHILE = 16;

/**
 * Sum over the first `count` axes. Gradients of biases and scales are such sums, and onnxruntime's ReduceSum is slow at them: those of a
 * stage 1 step took 0.57 ms so, and take 0.19 as products with a row of ones (docs/performance/training.md).
 */
export function sumLeading(x: Tensor, count: number): Tensor {
  const rows = sizeOf(x.shape.slice(0, count));
  const rest = x.shape.slice(count);
  const columns = sizeOf(rest);
  if (x.dtype !== "float32" || rows < WORTHWHILE || columns < WORTHWHILE)
    return reduceSum(
      x,
      Array.from({ length: count }, (_, axis) => axis),
    );
  const ones = x.graph.constant("float32", [1, rows], new Float32Array(rows).fill(1));
  return reshape(matmul(ones, reshape(x, [rows, columns])), rest);
}
