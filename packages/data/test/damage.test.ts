// Bad input: one clear sentence with file and position; in "skip" mode everything else still reads.
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { Dataset, OpenDatasetOptions } from "../src/index.ts";
import { checkDataset, openDataset } from "../src/index.ts";
import { VideoReader } from "../src/video/video-reader.ts";
import { dict, encodeExample, plainFeatures, plainRecord, steps, tensor, writeRlds } from "./write-rlds.ts";

const scratch = mkdtempSync(join(tmpdir(), "pixelvla-damage-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const golden = (name: string) => fileURLToPath(new URL(`golden/${name}`, import.meta.url));
const LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n";
let nFolders = 0;

/** A folder with four plain episodes, and its shard. */
function plain(records = [4, 5, 6, 7].map((n) => encodeExample(plainRecord(n)))) {
  const folder = join(scratch, `d${nFolders++}`);
  return { folder, shard: writeRlds(folder, { features: plainFeatures, records }) };
}

function flip(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 0x10;
  writeFileSync(file, bytes);
}

async function readAll(folder: string, options: OpenDatasetOptions = {}) {
  const dataset = await openDataset(folder, options);
  const read: number[] = [];
  try {
    for (const index of dataset.episodeIndices) if (await dataset.tryEpisode(index)) read.push(index);
    return { read, damage: dataset.damage };
  } finally {
    await dataset.close();
  }
}

const sizes = [4, 5, 6, 7].map((n) => encodeExample(plainRecord(n)).length + 16);
const third = sizes[0]! + sizes[1]!;

const shards: [string, (shard: string) => void, { code: string; offset: number; read: number[] }][] = [
  [
    "a bit flipped in a payload",
    (f) => flip(f, third + 100),
    { code: "PVLA_DATA_CHECKSUM", offset: third, read: [0, 1, 3] },
  ],
  [
    "a bit flipped in a record's length",
    (f) => flip(f, third),
    { code: "PVLA_DATA_CHECKSUM", offset: third, read: [0, 1] },
  ],
  [
    "a shard cut inside a record",
    (f) => truncateSync(f, third + 50),
    { code: "PVLA_DATA_TRUNCATED", offset: third, read: [0, 1] },
  ],
  [
    "a shard cut inside a header",
    (f) => truncateSync(f, third + 5),
    { code: "PVLA_DATA_TRUNCATED", offset: third, read: [0, 1] },
  ],
];

test.each(shards)(
  "%s stops with file and byte, or is skipped and reported",
  async (_, harm, { code, offset, read }) => {
    const { folder, shard } = plain();
    harm(shard);
    const error: unknown = await readAll(folder).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, facts: { offset, file: "made_set-train.tfrecord-00000-of-00001" } });
    expect((error as Error).message).toContain(`made_set-train.tfrecord-00000-of-00001 at byte ${offset}`);
    const skipped = await readAll(folder, { onDamage: "skip" });
    expect(skipped.read).toEqual(read);
    expect(skipped.damage[0]).toMatchObject({ code, offset, episodeIndex: 2 });
    expect(skipped.damage).toHaveLength(4 - read.length);
  },
);

test("a shard with fewer records than dataset_info.json says is noticed", async () => {
  const { folder, shard } = plain();
  truncateSync(shard, third);
  const { read, damage } = await readAll(folder, { onDamage: "skip" });
  expect(read).toEqual([0, 1]);
  expect(damage[0]!.message).toContain("2 records, needs 4 as dataset_info.json says");
});

test("a listing in skip mode leaves out what is damaged", async () => {
  const { folder, shard } = plain();
  flip(shard, third + 100);
  const dataset = await openDataset(folder, { onDamage: "skip" });
  const listed = [];
  for await (const { episodeIndex } of dataset.summaries()) listed.push(episodeIndex);
  expect(listed).toEqual([0, 1, 3]);
  await dataset.close();
});

test("an episode that never was is the caller's mistake, also in skip mode", async () => {
  const dataset = await openDataset(golden("lerobot-v3"), { onDamage: "skip" });
  await expect(dataset.tryEpisode(99)).rejects.toMatchObject({ code: "PVLA_DATA_EPISODE" });
  expect(dataset.damage).toEqual([]);
  await dataset.close();
});

test("a Git LFS pointer in place of a shard is named as such", async () => {
  const { folder, shard } = plain();
  writeFileSync(shard, LFS);
  await expect(readAll(folder)).rejects.toMatchObject({ code: "PVLA_DATA_LFS_POINTER" });
});

test("a gzipped shard cut short says so", async () => {
  const folder = join(scratch, "gz");
  const shard = writeRlds(folder, { features: plainFeatures, records: [encodeExample(plainRecord(300))], gzip: true });
  truncateSync(shard, 200);
  await expect(readAll(folder)).rejects.toMatchObject({ code: "PVLA_DATA_TRUNCATED" });
});

test("a missing shard leaves its episodes out of the list and is named", async () => {
  const folder = join(scratch, "partial");
  writeRlds(folder, { features: plainFeatures, records: [encodeExample(plainRecord(3))], shardLengths: [1] });
  const info = JSON.parse(readFileSync(join(folder, "dataset_info.json"), "utf8")) as {
    splits: { shardLengths: string[] }[];
  };
  info.splits[0]!.shardLengths = ["1", "2"];
  writeFileSync(join(folder, "dataset_info.json"), JSON.stringify(info));
  cpSync(
    join(folder, "made_set-train.tfrecord-00000-of-00001"),
    join(folder, "made_set-train.tfrecord-00000-of-00002"),
  );
  const dataset = await openDataset(folder);
  expect(dataset.info).toMatchObject({ nEpisodes: 1, nEpisodesDeclared: 3 });
  expect(dataset.info.missingFiles).toEqual(["made_set-train.tfrecord-00001-of-00002"]);
  await expect(dataset.episode(2)).rejects.toMatchObject({ code: "PVLA_DATA_MISSING_FILE" });
  await dataset.close();
});

test("a feature specification of another width or kind is refused with both numbers", async () => {
  const folder = join(scratch, "spec");
  const wrong = (action: unknown) =>
    dict({ steps: steps({ is_first: tensor("bool"), action, observation: dict({ state: tensor("float32", [3]) }) }) });
  const records = [encodeExample(plainRecord(4))];
  writeRlds(folder, { features: wrong(tensor("float32", [8])), records });
  await expect(readAll(folder)).rejects.toThrow(/steps\/action.*28 values, needs 32 \(4 frames\)/);
  writeRlds(folder, { features: wrong(tensor("float32", [7], "zlib")), records });
  await expect(readAll(folder)).rejects.toThrow(/a list of float, needs float32 with encoding "zlib"/);
  writeRlds(folder, { features: { nonsense: true }, records });
  await expect(readAll(folder)).rejects.toMatchObject({ code: "PVLA_DATA_METADATA" });
});

test("NaN actions name episode, frame and dimension", async () => {
  const { folder } = plain([encodeExample(plainRecord(4)), encodeExample(plainRecord(4, { nanAt: 2 * 7 + 3 }))]);
  const error: unknown = await readAll(folder).catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "PVLA_DATA_NON_FINITE",
    facts: { episodeIndex: 1, frameIndex: 2, dimension: "action_3" },
  });
  expect((await readAll(folder, { onDamage: "skip" })).read).toEqual([0]);
});

test.each([
  ["a name", { name: "../../secret" }],
  ["an absolute template", { splits: [{ name: "train", filepathTemplate: "/etc/{DATASET}", shardLengths: ["1"] }] }],
  ["a template with dots", { splits: [{ name: "train", filepathTemplate: "a/../../{DATASET}", shardLengths: ["1"] }] }],
])("metadata cannot lead out of the dataset's folder: %s", async (_, info) => {
  const folder = join(scratch, `escape${nFolders++}`);
  writeRlds(folder, { features: plainFeatures, records: [encodeExample(plainRecord(3))], info });
  await expect(openDataset(folder)).rejects.toMatchObject({ code: "PVLA_DATA_UNSAFE_PATH" });
});

test("an array_record dataset is refused by name", async () => {
  const folder = join(scratch, "array");
  writeRlds(folder, { features: plainFeatures, records: [], info: { fileFormat: "array_record" } });
  await expect(openDataset(folder)).rejects.toThrow(/"array_record".*tfrecord/);
});

/** A copy of the LeRobot v3 fixture after `harm`. */
function lerobot(harm: (folder: string) => void): string {
  const folder = join(scratch, `l${nFolders++}`);
  cpSync(golden("lerobot-v3"), folder, { recursive: true });
  harm(folder);
  return folder;
}
const edit = (folder: string, change: (info: Record<string, unknown>) => void) => {
  const file = join(folder, "meta/info.json");
  const info = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  change(info);
  writeFileSync(file, JSON.stringify(info));
};
const VIDEO = "videos/observation.images.primary/chunk-000/file-000.mp4";
const DATA = "data/chunk-000/file-000.parquet";

async function lastImage(dataset: Dataset): Promise<unknown> {
  const episode = await dataset.episode(2);
  return episode.image(dataset.info.primaryCamera!, episode.nFrames - 1).catch((error: unknown) => error);
}

test.each<[string, (folder: string) => void, string]>([
  ["a missing video", (f) => rmSync(join(f, VIDEO)), "PVLA_DATA_MISSING_FILE"],
  ["a video that is no video", (f) => writeFileSync(join(f, VIDEO), "hello"), "PVLA_DATA_VIDEO"],
])("%s is one sentence with the file", async (_, harm, code) => {
  const dataset = await openDataset(lerobot(harm));
  const error = await lastImage(dataset);
  await dataset.close();
  expect(error).toMatchObject({ code });
  expect((error as Error).message).toContain(VIDEO);
});

test("a wrong frame rate is found by the check", async () => {
  const dataset = await openDataset(lerobot((f) => edit(f, (info) => void (info["fps"] = 25))));
  const { checks } = await checkDataset(dataset);
  expect(checks.find(({ name }) => name === "timing")).toMatchObject({ verdict: "fail" });
  await dataset.close();
});

test("a shorter video says how long it is and what was asked", async () => {
  const reader = await VideoReader.open(golden(`lerobot-v3/${VIDEO}`), VIDEO);
  await expect(reader.frameAt(60, 0.025)).rejects.toThrow(
    /at 60\.000 s: its nearest frame at 3\.800 s \(39 frames, 10\.00 fps, 3\.900 s\)/,
  );
  await expect(reader.frameAt(0.05, 0.025 / 2)).rejects.toMatchObject({ code: "PVLA_DATA_VIDEO" });
  expect((await reader.frameAt(1, 0.025)).widthPx).toBe(64); // it still serves what it has
  await reader.close();
});

test.each<[string, (folder: string) => void, string]>([
  ["a truncated table", (f) => truncateSync(join(f, DATA), 3000), "PVLA_DATA_PARQUET"],
  ["a table that is a Git LFS pointer", (f) => writeFileSync(join(f, DATA), LFS), "PVLA_DATA_LFS_POINTER"],
  [
    "a table with another dataset's episodes",
    (f) => cpSync(join(f, "meta/tasks.parquet"), join(f, DATA)),
    "PVLA_DATA_FEATURE",
  ],
])("%s stops with a reason, or leaves only those episodes out", async (_, harm, code) => {
  const folder = lerobot(harm);
  await expect(readAll(folder)).rejects.toMatchObject({ code });
  expect(await readAll(folder, { onDamage: "skip" })).toMatchObject({
    read: [],
    damage: [{ code, file: DATA }, { code }, { code }],
  });
});

test.each<[string, (info: Record<string, unknown>) => void, string]>([
  ["version 1.6", (info) => void (info["codebase_version"] = "v1.6"), "PVLA_DATA_METADATA"],
  ["no features", (info) => (info["features"] = undefined), "PVLA_DATA_METADATA"],
  ["fps 0", (info) => void (info["fps"] = 0), "PVLA_DATA_METADATA"],
  [
    "a data path that leaves the folder",
    (info) => void (info["data_path"] = "../../{chunk_index}.parquet"),
    "PVLA_DATA_UNSAFE_PATH",
  ],
  ["a split of words", (info) => void (info["splits"] = { train: "all" }), "PVLA_DATA_METADATA"],
])("meta/info.json with %s is refused", async (_, change, code) => {
  await expect(openDataset(lerobot((folder) => edit(folder, change)))).rejects.toMatchObject({ code });
});

test("a video path that leaves the folder is refused when it is used", async () => {
  const dataset = await openDataset(
    lerobot((f) => edit(f, (info) => void (info["video_path"] = "../x/{video_key}.mp4"))),
  );
  expect(await lastImage(dataset)).toMatchObject({ code: "PVLA_DATA_UNSAFE_PATH" });
  await dataset.close();
});

test("an HDF5 file that is none, or cut, says so", async () => {
  const folder = join(scratch, "h5");
  cpSync(golden("libero-hdf5"), folder, { recursive: true });
  writeFileSync(join(folder, "AAA_demo.hdf5"), "no hdf5");
  await expect(openDataset(folder)).rejects.toMatchObject({ code: "PVLA_DATA_HDF5" });
  const rest = await openDataset(folder, { onDamage: "skip" });
  expect(rest.info.nEpisodes).toBe(3);
  expect(rest.damage[0]).toMatchObject({ file: "AAA_demo.hdf5" });
  await rest.close();
  const cut = join(folder, "KITCHEN_SCENE3_turn_on_the_stove_and_put_the_moka_pot_on_it_demo.hdf5");
  truncateSync(cut, 20_000);
  await expect(openDataset(cut)).rejects.toMatchObject({ code: "PVLA_DATA_HDF5" });
});
