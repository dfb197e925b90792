import { cast, concat, floor, matMul, mul, reshape, slice, sub, type Tensor } from "@tensorflow/tfjs-core";
import type { Kernel } from "../kernel.ts";

/** Two 4-bit codes per byte, low one first. */
function nibbles(bytes: Tensor): Tensor {
  const high = floor(mul(bytes, 1 / 16));
  const low = sub(bytes, mul(high, 16));
  const lifted = [...bytes.shape, 1];
  return concat([reshape(low, lifted), reshape(high, lifted)], bytes.rank);
}

export const matMulNBitsKernel: Kernel = {
  operator: "MatMulNBits",
  run({ inputs, attributes, outputTypes }) {
    const [x, codes, scales] = inputs as [Tensor, Tensor, Tensor];
    const { K, N, bits, block_size: blockSize } = attributes as Record<"K" | "N" | "bits" | "block_size", number>;
    const blocks = Math.ceil(K / blockSize);
    const bytes = cast(codes, "float32"); // [N, blocks, blockSize * bits / 8]
    const values = reshape(bits === 4 ? nibbles(bytes) : bytes, [N, blocks, blockSize]);
    const weights = mul(sub(values, bits === 4 ? 8 : 128), reshape(scales, [N, blocks, 1]));
    const matrix = slice(reshape(weights, [N, blocks * blockSize]), [0, 0], [N, K]);
    const rows = reshape(x, [x.size / K, K]);
    return reshape(matMul(rows, matrix, false, true), [...outputTypes[0]!.shape]);
  },
};
