import { at, concat, cos, mul, reshape, sin, slice, type Graph, type Tensor } from "@pixelvla/core";

/** Temperature of the code of a token's place in its phrase. */
export const TEXT_TEMPERATURE = 10_000;

/** Angular frequencies `2 pi / temperature^(2 floor(i / 2) / count)` of `count` interleaved sines and cosines. */
export function sineFrequencies(count: number, temperature: number): Float64Array {
  return Float64Array.from(
    { length: count },
    (_, i) => (2 * Math.PI) / Math.fround(temperature ** ((2 * Math.floor(i / 2)) / count)),
  );
}

/** Sine code of scalars on the host: `[values.length, count]`, sine at even and cosine at odd places. */
export function sineTable(values: ArrayLike<number>, count: number, temperature: number): Float32Array {
  const frequencies = sineFrequencies(count, temperature);
  const table = new Float32Array(values.length * count);
  for (let row = 0; row < values.length; row++) {
    for (let i = 0; i < count; i++) {
      const angle = values[row]! * frequencies[i]!;
      table[row * count + i] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return table;
}

/**
 * Sine code of boxes `[Q, 4]` (centre and size, in [0, 1]) -> `[Q, 4 * count]` in DETR's order y, x, w, h.
 *
 * Source: transformers' `encode_sinusoidal_position_embedding`, temperature 10000.
 */
export function boxSineCode(g: Graph, boxes: Tensor, count: number): Tensor {
  const q = boxes.shape[0]!;
  const frequencies = g.constant("float32", [1, 1, count], Float32Array.from(sineFrequencies(count, 10000)));
  const angles = reshape(mul(reshape(boxes, [q, 4, 1]), frequencies), [q, 4, count / 2, 2]);
  const codes = concat([sin(slice(angles, 3, 0, 1)), cos(slice(angles, 3, 1, 2))], 3); // [Q, 4, count / 2, 2]
  const [x, y, w, h] = [0, 1, 2, 3].map((i) => reshape(at(codes, 1, i), [q, count]));
  return concat([y!, x!, w!, h!], 1);
}
