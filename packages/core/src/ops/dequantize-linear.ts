import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { formatShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";

export const dequantizeLinearOperator = defineOperator<{ axis: number; block_size: number }>({
  name: "DequantizeLinear",
  summary: "(q - zero point) * scale, one scale and zero point per block along an axis.",
  attributes: { axis: "int", block_size: "int" },
  infer([q, scale, zeroPoint], { axis, block_size }) {
    if (q === undefined || scale === undefined || !["uint4", "uint8", "int8"].includes(q.dtype)) {
      throw operatorMismatch(`codes of type ${q?.dtype ?? "none"}`, "uint4, uint8 or int8 codes and float scales");
    }
    const expected = q.shape.map((d, i) => (i === axis ? Math.ceil(d / block_size) : d));
    if (scale.shape.length !== expected.length || !scale.shape.every((d, i) => d === expected[i])) {
      throw operatorMismatch(`scales of shape ${formatShape(scale.shape)}`, formatShape(expected));
    }
    if (zeroPoint !== undefined && zeroPoint.dtype !== q.dtype)
      throw operatorMismatch(`zero points of type ${zeroPoint.dtype}`, q.dtype);
    return [{ dtype: scale.dtype, shape: q.shape }];
  },
  gradient: "not differentiable",
});

/** Float weights from block-wise quantised codes; `scale` and `zeroPoint` have one entry per block along `axis`. */
export function dequantizeLinear(
  q: Tensor,
  scale: Tensor,
  zeroPoint: Tensor | undefined,
  axis: number,
  blockSize: number,
): Tensor {
  const inputs: [Tensor, ...Tensor[]] = zeroPoint === undefined ? [q, scale] : [q, scale, zeroPoint];
  return emitOne(dequantizeLinearOperator, inputs, { axis, block_size: blockSize });
}
