import { isFloat, type DType } from "../graph/dtype.ts";
import { emitOne } from "../graph/graph.ts";
import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import type { Tensor } from "../graph/tensor.ts";

/** ONNX TensorProto.DataType numbers. */
export const ONNX_DATA_TYPE: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
  uint4: 21,
};

const dtypeOf = (code: number): DType | undefined =>
  (Object.keys(ONNX_DATA_TYPE) as DType[]).find((dtype) => ONNX_DATA_TYPE[dtype] === code);

export const castOperator = defineOperator<{ to: number }>({
  name: "Cast",
  summary: "The same values in another element type.",
  attributes: { to: "int" },
  infer([x], { to }) {
    const dtype = dtypeOf(to);
    if (x === undefined || dtype === undefined) throw operatorMismatch(`target type code ${to}`, "an ONNX data type");
    return [{ dtype, shape: x.shape }];
  },
  gradient: ({ inputs, outputGradients }) => {
    const x = inputs[0]!;
    return [isFloat(x.dtype) ? cast(outputGradients[0]!, x.dtype) : undefined];
  },
});

/** The same values as `dtype`; returns `x` itself when it already has that type. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : emitOne(castOperator, [x], { to: ONNX_DATA_TYPE[dtype] });
}
