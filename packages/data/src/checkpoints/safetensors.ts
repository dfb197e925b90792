import { open, type FileHandle } from "node:fs/promises";
import { byteSize, sizeOf, type DType, type FileRegion } from "@pixelvla/core";
import { damagedCheckpoint, pickleRefused } from "./errors.ts";

/** Where one tensor lies in a weight file. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** File, byte range and element type, usable as a graph parameter's source. */
  readonly region: FileRegion;
}

/** The header of a safetensors file; no weight is read. */
export interface SafetensorsHeader {
  readonly file: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Element types of the format that graphs can hold. */
const DTYPES: Readonly<Record<string, DType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
};

/** The reference implementation's own limit. */
const MAX_HEADER_BYTES = 100_000_000;
const ZIP_MAGIC = 0x04034b50;
const PICKLE_PROTOCOL = 0x80;
const OPENING_BRACE = 0x7b;

/**
 * Reads the header: 8 bytes little-endian length, then JSON, then raw tensors. Everything in it is checked against the
 * file's size before it is believed.
 * @throws PVLA_CHECKPOINT_DAMAGED, PVLA_CHECKPOINT_PICKLE
 */
export async function readSafetensorsHeader(file: string): Promise<SafetensorsHeader> {
  const handle = await open(file, "r");
  try {
    return await readHeader(handle, file);
  } finally {
    await handle.close();
  }
}

async function readHeader(handle: FileHandle, file: string): Promise<SafetensorsHeader> {
  const { size } = await handle.stat();
  const start = Buffer.alloc(9);
  const { bytesRead } = await handle.read(start, 0, 9, 0);
  // A header length may begin with a pickle's first byte too (128, 384, ...): then a JSON object follows it.
  const header = start[8] === OPENING_BRACE && start.readBigUInt64LE(0) <= MAX_HEADER_BYTES;
  const pickled = start.readUInt32LE(0) === ZIP_MAGIC || (start[0] === PICKLE_PROTOCOL && start[1]! <= 5);
  if (pickled && !header) throw pickleRefused(file);
  const redownload = "Download it again; its size does not fit its contents";
  if (bytesRead < 8) throw damagedCheckpoint(file, `a file of ${size} bytes, too short for a header`, redownload);
  const length = Number(start.readBigUInt64LE(0));
  if (length > MAX_HEADER_BYTES || 8 + length > size) {
    throw damagedCheckpoint(file, `a header length of ${length} bytes in a file of ${size}`, redownload);
  }
  const text = Buffer.alloc(length);
  await handle.read(text, 0, length, 8);
  let json: unknown;
  try {
    json = JSON.parse(text.toString("utf8"));
  } catch {
    throw damagedCheckpoint(file, "a header that is not JSON", "Check that this is a safetensors file");
  }
  if (typeof json !== "object" || json === null)
    throw damagedCheckpoint(file, "a header that is no object", redownload);

  const tensors = new Map<string, StoredTensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(json)) {
    if (name === "__metadata__") metadata = entry as Record<string, string>;
    else tensors.set(name, checkedEntry(file, name, entry, 8 + length, size));
  }
  return { file, tensors, metadata };
}

function checkedEntry(file: string, name: string, entry: unknown, dataStart: number, fileSize: number): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = entry as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const type = DTYPES[String(dtype)];
  if (type === undefined) {
    throw damagedCheckpoint(
      file,
      `tensor "${name}" of type ${String(dtype)}`,
      `Supported types: ${Object.keys(DTYPES).join(", ")}`,
    );
  }
  const whole = (v: unknown): v is number => Number.isSafeInteger(v) && (v as number) >= 0;
  if (
    !Array.isArray(shape) ||
    !shape.every(whole) ||
    !Array.isArray(offsets) ||
    !offsets.every(whole) ||
    offsets.length !== 2
  ) {
    throw damagedCheckpoint(
      file,
      `tensor "${name}" with shape ${JSON.stringify(shape)} and offsets ${JSON.stringify(offsets)}`,
      "Download it again",
    );
  }
  const [begin, end] = offsets as [number, number];
  const expected = byteSize(type, sizeOf(shape));
  if (end - begin !== expected || dataStart + end > fileSize) {
    throw damagedCheckpoint(
      file,
      `tensor "${name}" at bytes ${dataStart + begin} to ${dataStart + end} of ${fileSize}, needs ${expected} bytes`,
      "The file is truncated or damaged: download it again",
    );
  }
  return { name, shape, region: { kind: "file", file, offset: dataStart + begin, byteLength: expected, dtype: type } };
}
