import { open } from "node:fs/promises";
import { sizeOf } from "@pixelvla/core";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half.ts";
import { damagedCheckpoint } from "./errors.ts";
import type { StoredTensor } from "./safetensors.ts";

/** Reads the bytes of one tensor as stored. @throws PVLA_CHECKPOINT_DAMAGED when the file has become shorter */
export async function readRaw({ name, region }: StoredTensor): Promise<Uint8Array> {
  const bytes = new Uint8Array(region.byteLength);
  const handle = await open(region.file, "r");
  try {
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await handle.read(
        bytes,
        done,
        Math.min(bytes.length - done, 1 << 30),
        region.offset + done,
      );
      if (bytesRead === 0) {
        throw damagedCheckpoint(region.file, `the end of the file inside tensor "${name}"`, "Download it again");
      }
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return bytes;
}

/**
 * Reads one tensor as float32, whatever it is stored as.
 * @throws PVLA_CHECKPOINT_DAMAGED when the file has become shorter
 */
export async function readTensor(tensor: StoredTensor): Promise<Float32Array> {
  const { shape, region } = tensor;
  const bytes = await readRaw(tensor);
  const count = sizeOf(shape);
  switch (region.dtype) {
    case "float32":
      return new Float32Array(bytes.buffer, 0, count);
    case "float16":
      return float16ToFloat32(new Uint16Array(bytes.buffer, 0, count));
    case "bfloat16":
      return bfloat16ToFloat32(new Uint16Array(bytes.buffer, 0, count));
    case "float64":
      return Float32Array.from(new Float64Array(bytes.buffer, 0, count));
    case "int64":
      return Float32Array.from(new BigInt64Array(bytes.buffer, 0, count), Number);
    case "int32":
      return Float32Array.from(new Int32Array(bytes.buffer, 0, count));
    case "int8":
      return Float32Array.from(new Int8Array(bytes.buffer, 0, count));
    case "uint8":
    case "bool":
    case "uint4":
      return Float32Array.from(bytes);
  }
}
