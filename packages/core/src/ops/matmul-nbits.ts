import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { formatShape, sameShape, sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { mul } from "./mul.ts";
import { cast } from "./cast.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { sub } from "./sub.ts";
import { concat } from "./concat.ts";
import { floor } from "./floor.ts";

/** onnxruntime's `accuracy_level`: the least it may round the input to before the product. */
const ACCURACY_LEVEL = { float32: 1, int8: 4 } as const;

type MatMulNBitsAttributes = Readonly<Record<"K" | "N" | "bits" | "block_size" | "accuracy_level", number>>;

export const matmulNBitsOperator = defineOperator<MatMulNBitsAttributes>({
  name: "MatMulNBits",
  domain: "com.microsoft",
  summary:
    "x W^T with W [N, K] held as 4- or 8-bit codes and one scale per block of K; zero point in the middle of the range.",
  attributes: { K: "int", N: "int", bits: "int", block_size: "int", accuracy_level: "int" },
  infer([x, codes, scales], { K, N, bits, block_size }) {
    if (x === undefined || x.shape.at(-1) !== K)
      throw operatorMismatch(`an input ${formatShape(x?.shape ?? [])}`, `a last axis of ${K}`);
    if (bits !== 4 && bits !== 8) throw operatorMismatch(`${bits} bits`, "4 or 8");
    const blocks = Math.ceil(K / block_size);
    const packed = [N, blocks, (block_size * bits) / 8];
    if (codes?.dtype !== "uint8" || !sameShape(codes.shape, packed)) {
      throw operatorMismatch(
        `codes ${codes?.dtype ?? "none"}${formatShape(codes?.shape ?? [])}`,
        `uint8${formatShape(packed)}`,
      );
    }
    if (scales === undefined || sizeOf(scales.shape) !== N * blocks) {
      throw operatorMismatch(`scales ${formatShape(scales?.shape ?? [])}`, `[${N}, ${blocks}]`);
    }
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, -1), N] }];
  },
  gradient: ({ inputs, outputGradients, attributes: { K, N, bits, block_size } }) => {
    const [, codes, scales] = inputs as [Tensor, Tensor, Tensor];
    return [matmul(outputGradients[0]!, dequantised(codes, scales, { K, N, bits, block_size })), undefined, undefined];
  },
  flops: ([x], _, { N }) => 2 * sizeOf(x!.shape) * N,
});

interface NBitsGeometry {
  readonly K: number;
  readonly N: number;
  readonly bits: number;
  readonly block_size: number;
}

/** W `[N, K]` in float32 from its packed codes: low nibble first for 4 bits. */
function dequantised(codes: Tensor, scales: Tensor, { K, N, bits, block_size }: NBitsGeometry): Tensor {
  const blocks = Math.ceil(K / block_size);
  const bytes = cast(codes, "float32"); // [N, blocks, block_size * bits / 8]
  let values = bytes;
  if (bits === 4) {
    const high = floor(mul(bytes, 1 / 16));
    const low = sub(bytes, mul(high, 16));
    const lifted = [N, blocks, block_size / 2, 1];
    values = concat([reshape(low, lifted), reshape(high, lifted)], 3);
  }
  const centred = sub(reshape(values, [N, blocks, block_size]), bits === 4 ? 8 : 128);
  const weights = reshape(mul(centred, reshape(scales, [N, blocks, 1])), [N, blocks * block_size]);
  return slice(weights, 1, 0, K);
}

/**
 * `x` `[..., K]` times the transpose of a block-quantised `[N, K]` matrix.
 * `codes` is uint8 `[N, ceil(K / blockSize), blockSize * bits / 8]`, `scales` float32 with one entry per block.
 * `activations` lets a provider round `x` to 8 bits, block by block, which is faster; the tfjs engine never does.
 */
export function matmulNBits(
  x: Tensor,
  codes: Tensor,
  scales: Tensor,
  options: { bits: 4 | 8; blockSize: number; outputs: number; activations?: "float32" | "int8" },
): Tensor {
  const attributes = {
    K: x.shape.at(-1)!,
    N: options.outputs,
    bits: options.bits,
    block_size: options.blockSize,
    accuracy_level: ACCURACY_LEVEL[options.activations ?? "float32"],
  };
  return x.graph.emit(matmulNBitsOperator, [x, codes, scales], attributes)[0]!;
}
