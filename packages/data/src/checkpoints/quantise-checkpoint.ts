import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { HostArray } from "@pixelvla/core";
import { openCheckpoint } from "./checkpoint.ts";
import { targetExists } from "./errors.ts";
import { quantiseMatrix } from "./quantise.ts";
import { readRaw, readTensor } from "./read-tensor.ts";
import type { StoredTensor } from "./safetensors.ts";
import { writeSafetensors, type TensorToWrite } from "./write-safetensors.ts";

export interface QuantiseCheckpointOptions {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /** Which matrices are quantised, by tensor name; the rest is copied as stored. */
  readonly matches: (name: string) => boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, name: string) => void;
}

/** Bytes after which a new shard begins. */
const SHARD_BYTES = 2_000_000_000;

/**
 * Writes a checkpoint with `NAME.codes` and `NAME.scales` in the place of every matching `[out, in]` matrix `NAME`.
 * One tensor is in memory at a time beside the shard being filled. An existing target folder is refused.
 */
export async function quantiseCheckpoint(
  source: string,
  target: string,
  options: QuantiseCheckpointOptions,
): Promise<{ quantised: number; copied: number }> {
  const { tensors } = await openCheckpoint(source);
  if ((await stat(target).catch(() => undefined)) !== undefined) throw targetExists("quantised", target);
  await mkdir(target, { recursive: true });
  const weightMap: Record<string, string> = {};
  const total = tensors.size;
  const counts = { quantised: 0, copied: 0 };
  let pending: TensorToWrite[] = [];
  let pendingBytes = 0;
  let shard = 0;
  const flush = async () => {
    if (pending.length === 0) return;
    const name = `model-${String(++shard).padStart(5, "0")}.safetensors`;
    await writeSafetensors(join(target, name), pending);
    for (const tensor of pending) weightMap[tensor.name] = name;
    pending = [];
    pendingBytes = 0;
  };
  let done = 0;
  for (const tensor of tensors.values()) {
    options.signal?.throwIfAborted();
    const matrix = tensor.shape.length === 2 && options.matches(tensor.name);
    counts[matrix ? "quantised" : "copied"]++;
    const written = matrix ? await quantised(tensor, options) : [await copied(tensor)];
    pending.push(...written);
    pendingBytes += written.reduce((sum, t) => sum + t.data.byteLength, 0);
    if (pendingBytes >= SHARD_BYTES) await flush();
    options.onProgress?.(++done, total, tensor.name);
  }
  await flush();
  await writeFile(
    join(target, "model.safetensors.index.json"),
    JSON.stringify({ metadata: {}, weight_map: weightMap }, null, 1),
  );
  return counts;
}

async function quantised(
  tensor: StoredTensor,
  { bits, blockSize }: QuantiseCheckpointOptions,
): Promise<TensorToWrite[]> {
  const [outputs, inputs] = tensor.shape as [number, number];
  const blocks = Math.ceil(inputs / blockSize);
  const { codes, scales } = quantiseMatrix(await readTensor(tensor), outputs, bits, blockSize);
  return [
    { name: `${tensor.name}.codes`, dtype: "uint8", shape: [outputs, blocks, (blockSize * bits) / 8], data: codes },
    { name: `${tensor.name}.scales`, dtype: "float32", shape: [outputs, blocks], data: scales },
  ];
}

async function copied(tensor: StoredTensor): Promise<TensorToWrite> {
  const { dtype } = tensor.region;
  if (dtype === "uint4") throw new Error("internal: safetensors has no uint4");
  const data: HostArray = await readRaw(tensor);
  return { name: tensor.name, dtype, shape: tensor.shape, data };
}
