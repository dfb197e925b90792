import { closeSync, openSync, readSync } from "node:fs";
import { sizeOf, type Parameter } from "@pixelvla/core";
import { weightsUnreadable } from "../errors.ts";
import { widenBfloat16, widenFloat16 } from "./half-precision.ts";

/**
 * Reads a parameter bound to a file into float32 (F32, F16 or BF16 as stored). For parameters that are trained; frozen ones
 * are referenced in place.
 * @throws PVLA_WEIGHTS
 */
export function readFileWeights({ name, source, tensor }: Parameter): Float32Array {
  if (source.kind !== "file") throw new Error(`internal: parameter "${name}" is not bound to a file`);
  const { file, offset, byteLength, dtype } = source;
  const bytes = new Uint8Array(byteLength);
  try {
    const handle = openSync(file, "r");
    try {
      const read = readSync(handle, bytes, 0, byteLength, offset);
      if (read !== byteLength) throw new Error(`it ends after ${read} of ${byteLength} bytes at offset ${offset}`);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw weightsUnreadable(name, file, (error as Error).message, error);
  }
  const values =
    dtype === "float32"
      ? new Float32Array(bytes.buffer)
      : dtype === "float16"
        ? widenFloat16(new Uint16Array(bytes.buffer))
        : dtype === "bfloat16"
          ? widenBfloat16(new Uint16Array(bytes.buffer))
          : undefined;
  if (values?.length !== sizeOf(tensor.shape)) {
    throw weightsUnreadable(name, file, `${byteLength} bytes of ${dtype} for ${sizeOf(tensor.shape)} float values`);
  }
  return values;
}
