import { mkdtempSync, readdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { syntheticEpisode, syntheticLayout } from "../../test/synthetic-episode.ts";
import { PixelDatasetWriter } from "../pixel-dataset/pixel-dataset-writer.ts";
import { EpisodeIndex } from "./episode-index.ts";

const N_COMMITS = 17;
const root = mkdtempSync(join(tmpdir(), "pixelvla-index-"));
const snapshots = join(root, ".pixelvla", "index-v1");
const episodeFile = join(root, "meta/episodes/chunk-000/file-003.parquet");
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function append(from: number, to: number): Promise<void> {
  const writer = await PixelDatasetWriter.open(root, syntheticLayout("stored", []), { commitEpisodes: 1 });
  for (let seed = from; seed < to; seed++) await writer.add(syntheticEpisode(seed));
  await writer.close();
}

/** All episodes as a fresh index gives them. */
async function indexed() {
  const index = await EpisodeIndex.open(root);
  try {
    const { rows } = await index.episodes({ sort: "episode", pageSize: 1000 });
    const files = await Promise.all(rows.map(({ episodeIndex }) => index.fileOf(episodeIndex)));
    return { rows, files };
  } finally {
    await index.close();
  }
}

/** Runs `work` while one episode file is away: only a snapshot still knows its episode. */
async function withoutOneFile<T>(work: () => Promise<T>): Promise<T> {
  renameSync(episodeFile, `${episodeFile}.away`);
  try {
    return await work();
  } finally {
    renameSync(`${episodeFile}.away`, episodeFile);
  }
}

let whole: Awaited<ReturnType<typeof indexed>>;
beforeAll(async () => {
  await append(0, N_COMMITS);
  whole = await indexed();
});

test("an index of many commits keeps a snapshot, which the next opening reads instead of the episode files", async () => {
  expect(whole.rows.map(({ key }) => key)).toEqual(Array.from({ length: N_COMMITS }, (_, i) => `synthetic/train/${i}`));
  expect(readdirSync(snapshots)).toHaveLength(1);
  expect(await withoutOneFile(indexed)).toEqual(whole);
});

test("a snapshot of another history, or a damaged one, is passed over", async () => {
  const name = readdirSync(snapshots)[0]!;
  const foreign = name.replace(/[0-9a-f]{16}\.parquet$/, "0123456789abcdef.parquet");
  renameSync(join(snapshots, name), join(snapshots, foreign));
  await expect(withoutOneFile(indexed)).rejects.toMatchObject({ code: "PVLA_PIXELS_DAMAGED" });
  expect(await indexed()).toEqual(whole); // and keeps one of this history again
  expect(readdirSync(snapshots)).toEqual([name]);
  truncateSync(join(snapshots, name), 1000);
  expect(await indexed()).toEqual(whole);
  expect(await withoutOneFile(indexed)).toEqual(whole); // written anew
});

test("commits after the snapshot are taken in from their own files", async () => {
  await append(N_COMMITS, N_COMMITS + 2);
  const { rows, files } = await withoutOneFile(indexed);
  expect(rows.map(({ key }) => key)).toEqual(Array.from({ length: N_COMMITS + 2 }, (_, i) => `synthetic/train/${i}`));
  expect(files.slice(0, N_COMMITS)).toEqual(whole.files);
  expect(files.at(-1)!.path).toMatch(/file-018\.parquet$/);
});

test("a dataset whose snapshots cannot be written opens all the same", async () => {
  rmSync(snapshots, { recursive: true });
  writeFileSync(snapshots, "a file in the folder's place");
  expect((await indexed()).rows).toHaveLength(N_COMMITS + 2);
});
