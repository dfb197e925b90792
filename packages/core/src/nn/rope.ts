import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/add.ts";
import { concat } from "../ops/concat.ts";
import { gather } from "../ops/gather.ts";
import { mul } from "../ops/mul.ts";
import { neg } from "../ops/neg.ts";
import { reshape } from "../ops/reshape.ts";
import { slice } from "../ops/slice.ts";

/** Cosine and sine tables for rotary positions, each broadcasting to `[B, heads, T, Dh]`. */
export interface RotaryTables {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/**
 * Tables for positions 0..length-1 in the half-split layout (pair j, j + Dh/2; angle position * theta^(-2j/Dh)).
 * With int64 `positions` `[B, T]` the rows are looked up per sample; `length` is then the largest position + 1.
 */
export function rotaryTables(
  g: Graph,
  headDim: number,
  length: number,
  options: { theta?: number; positions?: Tensor } = {},
): RotaryTables {
  const { theta = 10000, positions } = options;
  const half = headDim / 2;
  const table = (f: (angle: number) => number) => {
    const data = new Float32Array(length * headDim);
    for (let p = 0; p < length; p++) {
      for (let j = 0; j < half; j++) {
        const angle = Math.fround(p * Math.fround(Math.pow(theta, (-2 * j) / headDim)));
        data[p * headDim + j] = data[p * headDim + j + half] = f(angle);
      }
    }
    return g.constant("float32", [length, headDim], data);
  };
  const pick = (t: Tensor) => {
    if (positions === undefined) return reshape(t, [1, 1, length, headDim]);
    const [b, n] = positions.shape as [number, number];
    return reshape(gather(t, positions, 0), [b, 1, n, headDim]);
  };
  return { cos: pick(table(Math.cos)), sin: pick(table(Math.sin)) };
}

/** Rotates queries or keys `[B, heads, T, Dh]` by their positions. */
export function applyRotary(x: Tensor, { cos, sin }: RotaryTables): Tensor {
  const half = x.shape.at(-1)! / 2;
  const rotated = concat([neg(slice(x, -1, half)), slice(x, -1, 0, half)], -1);
  return add(mul(x, cos), mul(rotated, sin));
}
