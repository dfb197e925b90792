import type { DType, HostArray } from "@pixelvla/core";
import { float16ToNumber, widenBfloat16 } from "../train/half-precision.ts";

/** Element types tfjs computes in. */
export type TfjsDtype = "float32" | "int32" | "bool";

/** The tfjs type that stands for one of ours: every float is float32, every whole number int32. */
export function tfjsDtype(dtype: DType): TfjsDtype {
  switch (dtype) {
    case "float32":
    case "float64":
    case "float16":
    case "bfloat16":
      return "float32";
    case "int64":
    case "int32":
    case "int8":
    case "uint8":
    case "uint4":
      return "int32";
    case "bool":
      return "bool";
  }
}

/** Host values in the array tfjs takes for them. `count` elements are read, which matters for packed uint4 only. */
export function toTfjsArray(dtype: DType, data: HostArray, count: number): Float32Array | Int32Array | Uint8Array {
  switch (dtype) {
    case "float32":
    case "int32":
    case "bool":
      return data as Float32Array;
    case "float64":
      return Float32Array.from(data as Float64Array);
    case "float16":
      return Float32Array.from(data as Uint16Array, float16ToNumber);
    case "bfloat16":
      return widenBfloat16(data as Uint16Array);
    case "int64":
      return Int32Array.from(data as BigInt64Array, Number);
    case "int8":
    case "uint8":
      return Int32Array.from(data as Uint8Array);
    case "uint4":
      return Int32Array.from(
        { length: count },
        (_, i) => ((data as Uint8Array)[i >> 1]! >> (i % 2 === 0 ? 0 : 4)) & 15,
      );
  }
}

/** tfjs values in the host storage of our type; the reverse of `toTfjsArray` for types a program can put out. */
export function fromTfjsArray(dtype: DType, values: ArrayLike<number>): HostArray {
  switch (dtype) {
    case "float64":
      return Float64Array.from(values);
    case "int64":
      return BigInt64Array.from(values as Int32Array as unknown as number[], (v: number) => BigInt(v));
    case "int32":
      return Int32Array.from(values);
    case "int8":
      return Int8Array.from(values);
    case "uint8":
    case "bool":
      return Uint8Array.from(values);
    case "float32":
      return Float32Array.from(values);
    case "float16":
    case "bfloat16":
    case "uint4":
      throw new Error(`internal: tfjs cannot put out ${dtype}`);
  }
}
