import { createHash } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { ShardEntry } from "./episode-index.ts";

const schema = z.object({
  version: z.literal(1),
  /** Name, size and modification time of every shard: any change makes the index worthless. */
  fingerprint: z.string(),
  tasks: z.array(z.string()),
  shards: z.array(
    z.object({
      offsets: z.array(z.number()),
      lengths: z.array(z.number()),
      nFrames: z.array(z.number()),
      taskIds: z.array(z.number()),
    }),
  ),
});

/** A stored episode index. */
export type StoredIndex = z.output<typeof schema>;

/** Where the index of the dataset at `root` is kept: never inside the dataset, which may be shared or read-only. */
export function indexPath(root: string, indexDir: string | undefined): string {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const name = createHash("sha256").update(root).digest("hex").slice(0, 24);
  return join(indexDir ?? join(cache, "pixelvla", "index"), `${name}.json`);
}

/** Identity of the shards as they lie on disk. */
export async function fingerprint(shards: readonly ShardEntry[]): Promise<string> {
  const hash = createHash("sha256");
  for (const { shard } of shards) {
    const info = await stat(shard.path).catch(() => undefined);
    hash.update(`${shard.file} ${info?.size ?? -1} ${info?.mtimeMs ?? 0}\n`);
  }
  return hash.digest("hex");
}

/** The stored index, if there is one and it fits the files. */
export async function loadIndex(path: string, wanted: string): Promise<StoredIndex | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.fingerprint === wanted ? parsed.data : undefined;
  } catch {
    return undefined; // a torn cache file is as good as none
  }
}

/** Keeps an index for the next time. A cache folder that cannot be written costs that time only, so it is no error. */
export async function saveIndex(path: string, index: StoredIndex): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(aside, JSON.stringify(index));
    await rename(aside, path);
  } catch {
    return;
  }
}
