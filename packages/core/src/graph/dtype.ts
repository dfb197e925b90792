/** Element types of tensors in a graph. `float32` is what everything computes in; the others store or index. */
export type DType =
  "float32" | "float64" | "float16" | "bfloat16" | "int64" | "int32" | "int8" | "uint8" | "uint4" | "bool";

/** Bits one element takes in memory. */
export const BITS_PER_ELEMENT: Readonly<Record<DType, number>> = {
  float64: 64,
  int64: 64,
  float32: 32,
  int32: 32,
  float16: 16,
  bfloat16: 16,
  int8: 8,
  uint8: 8,
  bool: 8,
  uint4: 4,
};

/** Bytes of `count` elements, rounded up to a whole byte. */
export function byteSize(dtype: DType, count: number): number {
  return Math.ceil((count * BITS_PER_ELEMENT[dtype]) / 8);
}

/** Whether gradients can flow through a tensor of this type. */
export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64" || dtype === "float16" || dtype === "bfloat16";
}

/** Host storage of a tensor's elements: int64 as bigint, half types as raw bits, bool and uint4 as bytes. */
export type HostArray = Float32Array | Float64Array | Uint16Array | BigInt64Array | Int32Array | Int8Array | Uint8Array;

/** The typed array that holds elements of `dtype` on the host. */
export function hostArray(dtype: DType, length: number): HostArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(length);
    case "float64":
      return new Float64Array(length);
    case "float16":
    case "bfloat16":
      return new Uint16Array(length);
    case "int64":
      return new BigInt64Array(length);
    case "int32":
      return new Int32Array(length);
    case "int8":
      return new Int8Array(length);
    case "uint8":
    case "bool":
      return new Uint8Array(length);
    case "uint4":
      return new Uint8Array(Math.ceil(length / 2));
  }
}
