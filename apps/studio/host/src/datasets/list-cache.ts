import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { EpisodeEntry, EpisodeTable } from "./episode-table.ts";

/** Smaller datasets are listed faster than a file of theirs is found. */
const MIN_EPISODES = 2000;

const columns = z.object({
  version: z.literal(1),
  revision: z.string(),
  episodeIndex: z.array(z.int().nonnegative()),
  nFrames: z.array(z.int().nonnegative()),
  task: z.array(z.int().nonnegative()),
  split: z.array(z.int().nonnegative()),
  tasks: z.array(z.string()),
  splits: z.array(z.string()),
});

const fileOf = (cacheDir: string, datasetId: string) => join(cacheDir, "episodes", `${datasetId}.json`);

/** Episodes as listed before, if the dataset is still the same one; listing 100,000 episodes from their files takes a quarter of a minute. */
export async function readListCache(
  cacheDir: string,
  datasetId: string,
  revision: string,
): Promise<EpisodeEntry[] | undefined> {
  try {
    const kept = columns.parse(JSON.parse(await readFile(fileOf(cacheDir, datasetId), "utf8")));
    if (kept.revision !== revision) return undefined;
    return kept.episodeIndex.map((episodeIndex, i) => {
      const [nFrames, task, split] = [kept.nFrames[i], kept.tasks[kept.task[i]!], kept.splits[kept.split[i]!]];
      if (nFrames === undefined || task === undefined || split === undefined)
        throw new Error("internal: columns of different lengths");
      return { episodeIndex, nFrames, task, split };
    });
  } catch {
    return undefined; // absent, of another version, or damaged: the dataset itself has it all
  }
}

/** Keeps the list of a large dataset for the next start. */
export async function writeListCache(
  cacheDir: string,
  datasetId: string,
  revision: string,
  table: EpisodeTable,
): Promise<void> {
  if (table.nRows < MIN_EPISODES) return;
  const rows = Array.from({ length: table.nRows }, (_, row) => row);
  const kept = {
    version: 1,
    revision,
    episodeIndex: rows.map((row) => table.episodeAt(row)),
    nFrames: rows.map((row) => table.nFramesAt(row)),
    task: rows.map((row) => table.taskCodeAt(row)),
    split: rows.map((row) => table.splitCodeAt(row)),
    tasks: table.tasks.values,
    splits: table.splits.values,
  };
  const file = fileOf(cacheDir, datasetId);
  await mkdir(join(cacheDir, "episodes"), { recursive: true });
  await writeFile(`${file}.tmp`, JSON.stringify(kept));
  await rename(`${file}.tmp`, file);
}
