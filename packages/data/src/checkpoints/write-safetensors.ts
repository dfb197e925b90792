import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { HostArray } from "@pixelvla/core";

const TYPE_NAME = {
  float32: "F32",
  float64: "F64",
  float16: "F16",
  bfloat16: "BF16",
  int64: "I64",
  int32: "I32",
  int8: "I8",
  uint8: "U8",
  bool: "BOOL",
} as const;

export interface TensorToWrite {
  readonly name: string;
  readonly dtype: keyof typeof TYPE_NAME;
  readonly shape: readonly number[];
  readonly data: HostArray;
}

/**
 * Writes a safetensors file aside, syncs it and renames it, so that a reader sees all of it or nothing.
 * Tensors are written in the order given; the header is padded so that data begins at a multiple of 8 bytes.
 */
export async function writeSafetensors(
  file: string,
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const header: Record<string, unknown> = { __metadata__: { format: "pt", ...metadata } };
  let offset = 0;
  for (const { name, dtype, shape, data } of tensors) {
    header[name] = { dtype: TYPE_NAME[dtype], shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const json = JSON.stringify(header);
  const length = Math.ceil(Buffer.byteLength(json) / 8) * 8;
  const head = Buffer.alloc(8 + length, " ");
  head.writeBigUInt64LE(BigInt(length), 0);
  head.write(json, 8);

  const aside = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(aside, "w");
    try {
      await handle.writeFile(head);
      for (const { data } of tensors) {
        await handle.writeFile(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  const folder = await open(dirname(file), "r");
  await folder.sync().finally(() => folder.close());
}
