/**
 * Makes a checkpoint with the names, shapes, types and shards of `openvla/openvla-7b` and values of no meaning.
 *
 *   node --conditions=@pixelvla/source --import tsx packages/training/perf/policy-7b/make-checkpoint.ts FOLDER [--sparse]
 *
 * Values are a repeated block of normal numbers (std 0.02; norm weights 1), 15.1 GB on the disk. `--sparse` writes
 * headers only and leaves the rest a hole: zeros to every reader, no space on the disk.
 */
import { mkdirSync, openSync, writeSync, ftruncateSync, closeSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Random, sizeOf } from "@pixelvla/core";
import { float32ToBfloat16 } from "@pixelvla/data/checkpoints";
import { OPENVLA_7B_PARAMETERS, openvla7bTensors } from "./openvla-7b-tensors.ts";

/** The published shards stay below 7 GB. */
const SHARD_BYTES = 7_000_000_000;
/** A prime number of values, so that rows of a matrix differ. */
const BLOCK = 8_388_593;

type Entry = readonly [name: string, shape: readonly number[]];

const [folder, mode] = process.argv.slice(2);
if (folder === undefined) throw new Error("Making a checkpoint: found no FOLDER. Name one on a disk with 16 GB free.");
mkdirSync(folder, { recursive: true });

const tensors = [...openvla7bTensors()];
const count = tensors.reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
if (count !== OPENVLA_7B_PARAMETERS)
  throw new Error(`internal: ${count} parameters, published ${OPENVLA_7B_PARAMETERS}`);

const shards = intoShards(tensors);
const weightMap: Record<string, string> = {};
const random = new Random(7);
const noise = bytesOf(float32ToBfloat16(Float32Array.from({ length: BLOCK }, () => 0.02 * random.normal())));
const ones = bytesOf(float32ToBfloat16(new Float32Array(16384).fill(1)));
shards.forEach((shard, i) => {
  const name = `model-${five(i + 1)}-of-${five(shards.length)}.safetensors`;
  writeShard(join(folder, name), shard, mode === "--sparse");
  for (const [tensor] of shard) weightMap[tensor] = name;
  process.stderr.write(`${name}: ${shard.length} tensors\n`);
});
const index = { metadata: { total_size: 2 * count }, weight_map: weightMap };
writeFileSync(join(folder, "model.safetensors.index.json"), `${JSON.stringify(index, null, 1)}\n`);
process.stdout.write(`${folder}: ${tensors.length} tensors, ${count} parameters in ${shards.length} shards\n`);

function intoShards(entries: readonly Entry[]): Entry[][] {
  const result: Entry[][] = [[]];
  let bytes = 0;
  for (const entry of entries) {
    const size = 2 * sizeOf(entry[1]);
    if (bytes + size > SHARD_BYTES) {
      result.push([]);
      bytes = 0;
    }
    result.at(-1)!.push(entry);
    bytes += size;
  }
  return result;
}

function writeShard(file: string, entries: readonly Entry[], sparse: boolean): void {
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let end = 0;
  for (const [name, shape] of entries) {
    const begin = end;
    end += 2 * sizeOf(shape);
    header[name] = { dtype: "BF16", shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header).padEnd(Math.ceil(JSON.stringify(header).length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const handle = openSync(file, "w");
  try {
    writeSync(handle, Buffer.concat([length, json]));
    if (sparse) ftruncateSync(handle, 8 + json.length + end);
    else for (const [name, shape] of entries) writeValues(handle, name, 2 * sizeOf(shape));
  } finally {
    closeSync(handle);
  }
}

function writeValues(handle: number, name: string, bytes: number): void {
  const block = /norm\d?\.weight$|layernorm\.weight$|scale_factor$/.test(name) ? ones : noise;
  for (let left = bytes; left > 0; left -= block.length) writeSync(handle, block, 0, Math.min(left, block.length));
}

function bytesOf(values: Uint16Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

function five(n: number): string {
  return String(n).padStart(5, "0");
}
