import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openCheckpoint } from "../checkpoint.ts";
import { targetExists, unsupportedAdapter } from "../errors.ts";
import { float32ToBfloat16, float32ToFloat16 } from "../half.ts";
import { readRaw, readTensor } from "../read-tensor.ts";
import type { StoredTensor } from "../safetensors.ts";
import { writeSafetensors, type TensorToWrite } from "../write-safetensors.ts";
import { openPeftAdapter } from "./adapter.ts";
import { mergeLora } from "./merge-lora.ts";

/** Bytes after which a new shard begins. */
const SHARD_BYTES = 2_000_000_000;

export interface MergeOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number, name: string) => void;
}

/**
 * Writes a checkpoint with an adapter of peft's form folded into its weights, in the types and under the names of the base
 * (as peft's `merge_and_unload` and `save_pretrained`). A tensor at a time is in memory beside the shard being filled.
 *
 * @throws PVLA_ADAPTER when the adapter has layers that the base lacks, PVLA_TARGET_EXISTS, PVLA_CHECKPOINT_*
 */
export async function mergeCheckpoint(
  base: string,
  adapterFolder: string,
  target: string,
  options: MergeOptions = {},
): Promise<{ merged: number; copied: number }> {
  const { tensors } = await openCheckpoint(base);
  const { rank, alpha, checkpoint } = await openPeftAdapter(adapterFolder);
  if ((await stat(target).catch(() => undefined)) !== undefined) throw targetExists("merged", target);
  const half = (name: string, letter: "A" | "B") =>
    checkpoint.tensors.get(`base_model.model.${name.replace(/\.weight$/, `.lora_${letter}.weight`)}`);
  const strangers = [...checkpoint.tensors.keys()].filter(
    (name) => !tensors.has(name.replace(/^base_model\.model\./, "").replace(/\.lora_[AB]\.weight$/, ".weight")),
  );
  if (strangers[0] !== undefined) throw unsupportedAdapter(adapterFolder, `"${strangers[0]}", which ${base} lacks`);

  await mkdir(target, { recursive: true });
  const weightMap: Record<string, string> = {};
  const counts = { merged: 0, copied: 0 };
  let pending: TensorToWrite[] = [];
  let shard = 0;
  const flush = async () => {
    if (pending.length === 0) return;
    const name = `model-${String(++shard).padStart(5, "0")}.safetensors`;
    await writeSafetensors(join(target, name), pending);
    for (const tensor of pending) weightMap[tensor.name] = name;
    pending = [];
  };
  let [bytes, done] = [0, 0];
  for (const tensor of tensors.values()) {
    options.signal?.throwIfAborted();
    const [a, b] = [half(tensor.name, "A"), half(tensor.name, "B")];
    const written = a && b ? await merged(tensor, a, b, rank, alpha) : await copied(tensor);
    counts[a && b ? "merged" : "copied"]++;
    pending.push(written);
    bytes += written.data.byteLength;
    if (bytes >= SHARD_BYTES) {
      await flush();
      bytes = 0;
    }
    options.onProgress?.(++done, tensors.size, tensor.name);
  }
  await flush();
  const index = JSON.stringify({ metadata: {}, weight_map: weightMap }, null, 1);
  await writeFile(join(target, "model.safetensors.index.json"), index);
  return counts;
}

async function merged(base: StoredTensor, a: StoredTensor, b: StoredTensor, rank: number, alpha: number) {
  const values = mergeLora(await readTensor(base), await readTensor(a), await readTensor(b), rank, alpha);
  const { dtype } = base.region;
  const { name, shape } = base;
  if (dtype === "bfloat16") return { name, shape, dtype, data: float32ToBfloat16(values) } as const;
  if (dtype === "float16") return { name, shape, dtype, data: float32ToFloat16(values) } as const;
  return { name, shape, dtype: "float32", data: values } as const;
}

async function copied(tensor: StoredTensor): Promise<TensorToWrite> {
  const { dtype } = tensor.region;
  if (dtype === "uint4") throw new Error("internal: safetensors has no uint4");
  return { name: tensor.name, dtype, shape: tensor.shape, data: await readRaw(tensor) };
}
