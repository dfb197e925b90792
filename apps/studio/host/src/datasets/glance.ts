import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** What a dataset's own description declares, read without opening it. */
export interface DatasetGlance {
  readonly format?: string;
  readonly nEpisodes?: number;
  readonly nFrames?: number;
}

const lerobotInfo = z.object({
  codebase_version: z.string(),
  total_episodes: z.int().nonnegative(),
  total_frames: z.int().nonnegative(),
});
const count = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]);
const rldsInfo = z.object({ splits: z.array(z.object({ shardLengths: z.array(count) })) });

/** Declared form and size of the dataset at `root`; empty where nothing is declared or it cannot be read. Opening it says why. */
export async function glanceAt(root: string): Promise<DatasetGlance> {
  const lerobot = lerobotInfo.safeParse(await jsonIn(root, "meta", "info.json"));
  if (lerobot.success) {
    const { codebase_version: version, total_episodes: nEpisodes, total_frames: nFrames } = lerobot.data;
    return { format: version.startsWith("v3") ? "lerobot-v3" : "lerobot-v2.1", nEpisodes, nFrames };
  }
  const rlds = rldsInfo.safeParse(await jsonIn(root, "dataset_info.json"));
  if (rlds.success) {
    const lengths = rlds.data.splits.flatMap(({ shardLengths }) => shardLengths);
    return { format: "rlds", nEpisodes: lengths.reduce((sum, length) => sum + length, 0) };
  }
  const names = await readdir(root).catch((): string[] => []);
  return names.some((name) => /\.(hdf5|h5)$/i.test(name)) ? { format: "libero-hdf5" } : {};
}

async function jsonIn(root: string, ...path: string[]): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(root, ...path), "utf8"));
  } catch {
    return undefined; // no such description
  }
}
