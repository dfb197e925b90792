/** Block-wise symmetric codes of a matrix, in the layout of onnxruntime's MatMulNBits. */
export interface QuantisedMatrix {
  /** uint8 `[out, blocks, blockSize * bits / 8]`, low nibble first for 4 bits. */
  readonly codes: Uint8Array;
  /** float32 `[out, blocks]`. */
  readonly scales: Float32Array;
}

/**
 * Quantises `[out, in]` row by row in blocks: scale = the value of largest magnitude / -2^(bits-1), codes centred on
 * 2^(bits-1), so that this value is exact and zero stays zero.
 */
export function quantiseMatrix(weight: Float32Array, outputs: number, bits: 4 | 8, blockSize: number): QuantisedMatrix {
  const inputs = weight.length / outputs;
  const blocks = Math.ceil(inputs / blockSize);
  const bytesPerBlock = (blockSize * bits) / 8;
  const middle = 2 ** (bits - 1);
  const codes = new Uint8Array(outputs * blocks * bytesPerBlock);
  const scales = new Float32Array(outputs * blocks);
  for (let o = 0; o < outputs; o++) {
    for (let b = 0; b < blocks; b++) {
      const start = o * inputs + b * blockSize;
      const length = Math.min(blockSize, inputs - b * blockSize);
      let extreme = 0;
      for (let i = 0; i < length; i++)
        if (Math.abs(weight[start + i]!) > Math.abs(extreme)) extreme = weight[start + i]!;
      const scale = extreme / -middle;
      scales[o * blocks + b] = scale;
      const base = (o * blocks + b) * bytesPerBlock;
      for (let i = 0; i < blockSize; i++) {
        const value = i < length && scale !== 0 ? Math.round(weight[start + i]! / scale) + middle : middle;
        const code = Math.min(2 * middle - 1, Math.max(0, value));
        if (bits === 8) codes[base + i] = code;
        else codes[base + (i >> 1)] = codes[base + (i >> 1)]! | (i % 2 === 0 ? code : code << 4);
      }
    }
  }
  return { codes, scales };
}
