import { readFileSync } from "node:fs";

/** A tensor of a golden: floats as float32, whole numbers as int32. */
export interface GoldenTensor {
  readonly shape: number[];
  readonly data: Float32Array | Int32Array;
}

/** Reads a safetensors file of F32 and I32 tensors. */
export function readGolden(url: URL): Map<string, GoldenTensor> {
  const bytes = new Uint8Array(readFileSync(url));
  const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, GoldenTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [start, end] = entry.data_offsets;
    const raw = bytes.slice(8 + headerLength + start, 8 + headerLength + end).buffer;
    tensors.set(name, {
      shape: entry.shape,
      data: entry.dtype === "F32" ? new Float32Array(raw) : new Int32Array(raw),
    });
  }
  return tensors;
}

/** Largest difference relative to the largest expected magnitude. */
export function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  if (found.length !== expected.length || Number.isNaN(difference)) return Infinity;
  return scale === 0 ? difference : difference / scale;
}
