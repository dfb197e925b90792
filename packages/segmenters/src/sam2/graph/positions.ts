import { concat, cos, matmul, mul, sin, sub, type Graph, type RotaryTables, type Tensor } from "@pixelvla/core";

/**
 * Sine codes of a grid, `[1, side * side, width]`: the first half of the channels codes y, the second x; sine and cosine
 * alternate. Positions run from 1 and are scaled to 2 pi.
 *
 * Source: transformers `Sam2SinePositionEmbedding(num_position_features=width / 2, normalize=True)`.
 */
export function sineGrid(g: Graph, side: number, width: number, factor = 1): Tensor {
  const half = width / 2;
  const code = new Float32Array(side * half);
  for (let i = 0; i < side; i++) {
    const position = Math.fround((i + 1) / (side + 1e-6)) * Math.fround(2 * Math.PI);
    for (let j = 0; j < half; j++) {
      const angle = position / 10_000 ** ((2 * Math.floor(j / 2)) / half);
      code[i * half + j] = j % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  const data = new Float32Array(side * side * width);
  for (let y = 0, o = 0; y < side; y++) {
    for (let x = 0; x < side; x++, o += width) {
      data.set(code.subarray(y * half, (y + 1) * half), o);
      data.set(code.subarray(x * half, (x + 1) * half), o + half);
    }
  }
  return g.constant("float32", [1, side * side, width], factor === 1 ? data : data.map((v) => v * factor));
}

/**
 * Axial rotary tables `[1, 1, side * side, headWidth]` for keys and queries whose channels were brought into half-split
 * order by `halfSplitOrder`: the first quarter turns with x, the second with y, and both again.
 */
export function axialRotary(g: Graph, side: number, headWidth: number, theta: number): RotaryTables {
  const quarter = headWidth / 4;
  const table = (f: (angle: number) => number) => {
    const data = new Float32Array(side * side * headWidth);
    for (let y = 0, o = 0; y < side; y++) {
      for (let x = 0; x < side; x++, o += headWidth) {
        for (let j = 0; j < quarter; j++) {
          const frequency = Math.fround(1 / theta ** ((4 * j) / headWidth));
          const across = f(Math.fround(x * frequency));
          const down = f(Math.fround(y * frequency));
          for (const start of [o, o + headWidth / 2]) {
            data[start + j] = across;
            data[start + quarter + j] = down;
          }
        }
      }
    }
    return g.constant("float32", [1, 1, side * side, headWidth], data);
  };
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/**
 * Rows of a projection in the order that makes pairs of neighbours (SAM 2's rotary layout) pairs of halves (`applyRotary`):
 * within each head the even channels, then the odd ones. Products of queries and keys do not change.
 */
export function halfSplitOrder(heads: number, headWidth: number): BigInt64Array {
  const half = headWidth / 2;
  return BigInt64Array.from({ length: heads * headWidth }, (_, i) => {
    const within = i % headWidth;
    return BigInt(i - within + (within < half ? 2 * within : 2 * (within - half) + 1));
  });
}

/** Fourier features of positions in [0, 1] `[..., 2]` by a random matrix `[2, D/2]` -> `[..., D]`. */
export function fourierFeatures(coordinates: Tensor, matrix: Tensor): Tensor {
  const angles = mul(matmul(sub(mul(coordinates, 2), 1), matrix), 2 * Math.PI);
  return concat([sin(angles), cos(angles)], -1);
}
