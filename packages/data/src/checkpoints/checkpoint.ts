import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checkpointNotFound, damagedCheckpoint, pickleRefused } from "./errors.ts";
import { readSafetensorsHeader, type StoredTensor } from "./safetensors.ts";

/** The tensors of one checkpoint, possibly in several files. */
export interface Checkpoint {
  /** Path it was opened under. */
  readonly source: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/**
 * Opens a `.safetensors` file, an index of shards, or a folder that holds either. Only headers are read.
 * @throws PVLA_CHECKPOINT_NOT_FOUND, PVLA_CHECKPOINT_DAMAGED, PVLA_CHECKPOINT_PICKLE
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  if (/\.(pt|pth|bin|ckpt|pkl)$/.test(path)) throw pickleRefused(path);
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) throw checkpointNotFound(path);
  if (info.isDirectory()) {
    for (const name of [SINGLE, INDEX]) {
      const file = join(path, name);
      if ((await stat(file).catch(() => undefined)) !== undefined) return openCheckpoint(file);
    }
    throw checkpointNotFound(path);
  }
  if (path.endsWith(".index.json")) return openSharded(path);
  return { source: path, tensors: (await readSafetensorsHeader(path)).tensors };
}

async function openSharded(indexFile: string): Promise<Checkpoint> {
  const folder = dirname(indexFile);
  let weightMap: Record<string, unknown>;
  try {
    weightMap = (JSON.parse(await readFile(indexFile, "utf8")) as { weight_map: Record<string, unknown> }).weight_map;
    if (typeof weightMap !== "object") throw new TypeError("no weight_map");
  } catch {
    throw damagedCheckpoint(indexFile, `an index without "weight_map"`, "Download it again");
  }
  const shards = new Map<string, ReadonlyMap<string, StoredTensor>>();
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shard] of Object.entries(weightMap)) {
    if (typeof shard !== "string" || basename(shard) !== shard) {
      throw damagedCheckpoint(
        indexFile,
        `a shard named ${JSON.stringify(shard)}`,
        "Shards must lie beside their index",
      );
    }
    let header = shards.get(shard);
    if (header === undefined) {
      header = (await readSafetensorsHeader(join(folder, shard))).tensors;
      shards.set(shard, header);
    }
    const tensor = header.get(name);
    if (tensor === undefined)
      throw damagedCheckpoint(
        join(folder, shard),
        `no tensor "${name}", which the index promises`,
        "Download it again",
      );
    tensors.set(name, tensor);
  }
  return { source: folder, tensors };
}
