import { join } from "node:path";
import { z } from "zod";
import { badMetadata } from "../errors.ts";
import { insideRoot } from "../inside-root.ts";
import { readJson } from "../json-file.ts";

/** One shard file of a split. */
export interface Shard {
  /** File name relative to the dataset's folder. */
  readonly file: string;
  readonly path: string;
  /** Episodes in it. */
  readonly nEpisodes: number;
}

/** One split: its shards in order. */
export interface RldsSplit {
  readonly name: string;
  readonly shards: readonly Shard[];
  readonly nEpisodes: number;
  /** Sum of payload bytes as stated, 0 where not stated. */
  readonly nBytes: number;
}

/** What dataset_info.json says. */
export interface RldsInfo {
  readonly name: string;
  readonly version: string;
  readonly splits: readonly RldsSplit[];
}

const count = z.union([z.string().regex(/^\d{1,15}$/), z.int().nonnegative()]).transform(Number);

const schema = z.object({
  name: z.string().min(1),
  version: z.string().default("unknown"),
  fileFormat: z.string().default("tfrecord"),
  splits: z.array(
    z.object({
      name: z.string().min(1),
      filepathTemplate: z.string().default("{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}"),
      numBytes: count.default(0),
      shardLengths: z.array(count).max(100_000).default([]),
    }),
  ),
});

/**
 * Reads dataset_info.json and derives every shard's file name from the `name` and template in it (never from the
 * folder's name: published copies disagree).
 *
 * @throws PVLA_DATA_METADATA, PVLA_DATA_UNSAFE_PATH
 */
export async function readRldsInfo(root: string): Promise<RldsInfo> {
  return parseRldsInfo(await readJson(join(root, "dataset_info.json")), root);
}

/** `readRldsInfo` on parsed JSON. */
export function parseRldsInfo(json: unknown, root: string): RldsInfo {
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw badMetadata("dataset_info.json", z.prettifyError(parsed.error).replaceAll("\n", " "), {
      needed: "TFDS dataset information",
    });
  const { name, version, fileFormat, splits } = parsed.data;
  if (fileFormat !== "tfrecord")
    throw badMetadata("dataset_info.json", `the file format "${fileFormat}"`, {
      needed: "tfrecord",
      fix: 'Write the dataset again with file_format="tfrecord"',
    });
  return {
    name,
    version,
    splits: splits.map(({ name: split, filepathTemplate, numBytes, shardLengths }) => {
      const shards = shardLengths.map((nEpisodes, i) => {
        const file = shardName(filepathTemplate, { name, split, fileFormat, index: i, count: shardLengths.length });
        return { file, path: insideRoot(root, file, "dataset_info.json"), nEpisodes };
      });
      return { name: split, shards, nEpisodes: shardLengths.reduce((a, b) => a + b, 0), nBytes: numBytes };
    }),
  };
}

function shardName(
  template: string,
  facts: { name: string; split: string; fileFormat: string; index: number; count: number },
): string {
  const index = String(facts.index).padStart(5, "0");
  const total = String(facts.count).padStart(5, "0");
  const parts: Record<string, string> = {
    DATASET: facts.name,
    SPLIT: facts.split,
    FILEFORMAT: facts.fileFormat,
    SHARD_INDEX: index,
    NUM_SHARDS: total,
    SHARD_X_OF_Y: `${index}-of-${total}`,
  };
  return template.replace(/\{([A-Z_]+)\}/g, (whole, key: string) => parts[key] ?? whole);
}
