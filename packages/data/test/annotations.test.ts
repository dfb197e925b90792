import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { AnnotationReader, EDITS_FOLDER, openAnnotations } from "../src/pixel-dataset/annotation-reader.ts";
import { migrationFrom } from "../src/pixel-dataset/annotation-schema.ts";
import { huggingFaceMetadata, parquetSchema } from "../src/pixel-dataset/columns.ts";
import { dataColumns } from "../src/pixel-dataset/layout.ts";
import { writeParquet } from "../src/pixel-dataset/parquet-file.ts";
import { PixelDatasetWriter } from "../src/pixel-dataset/pixel-dataset-writer.ts";
import { ReviewLog } from "../src/pixel-dataset/review-log.ts";
import { sidecarPath, SidecarWriter, type SidecarDataset } from "../src/pixel-dataset/sidecar-writer.ts";
import { EpisodeIndex } from "../src/queries/episode-index.ts";
import { syntheticAnnotation, syntheticEpisode, syntheticLayout } from "./synthetic-episode.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-annotations-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DATASET: SidecarDataset = { name: "synthetic", format: "lerobot-v3", version: "v3.0", nEpisodes: 12 };

async function pixelDataset(name: string, nEpisodes: number): Promise<string> {
  const root = join(folder, name);
  const writer = await PixelDatasetWriter.open(root, syntheticLayout(), { commitEpisodes: 5 });
  for (let seed = 0; seed < nEpisodes; seed++) await writer.add(syntheticEpisode(seed, { withImages: false }));
  await writer.close();
  return root;
}

const sidecarEpisode = (seed: number, run: string) => ({
  episodeIndex: seed,
  split: "train",
  task: `move object ${seed % 5}`,
  rawFrameIndex: Int32Array.from({ length: 6 }, (_, t) => t * 2),
  annotations: Array.from({ length: 6 }, (_, t) => syntheticAnnotation(seed, t)),
  run,
});

test("annotations come back from a pixel dataset value for value", async () => {
  const root = await pixelDataset("values", 12);
  const reader = await openAnnotations(root);
  for (const seed of [0, 7, 11]) {
    const { annotations, rawFrameIndex } = (await reader.episode(seed))!;
    expect(annotations).toEqual(syntheticEpisode(seed).annotations);
    expect([...rawFrameIndex]).toEqual([...syntheticEpisode(seed).episode.rawFrameIndex]);
  }
  expect(await reader.episode(12)).toBeUndefined();
  await reader.close();
});

test("a frame without annotation stays without", async () => {
  const root = join(folder, "sparse");
  const writer = await PixelDatasetWriter.open(root, syntheticLayout());
  const annotations = [undefined, undefined, syntheticAnnotation(0, 2)];
  await writer.add({ ...syntheticEpisode(0, { withImages: false }), annotations });
  await writer.close();
  const reader = await openAnnotations(root);
  expect((await reader.episode(0))!.annotations).toEqual([
    ...annotations,
    ...Array.from({ length: 5 }, () => undefined),
  ]);
  await reader.close();
});

test("a sidecar leaves the dataset's folder alone, and a later run replaces an earlier one", async () => {
  const dataset = join(folder, "untouched");
  const root = sidecarPath(dataset);
  const writer = await SidecarWriter.open(root, DATASET, { commitEpisodes: 4 });
  for (let seed = 0; seed < 10; seed++) expect(await writer.add(sidecarEpisode(seed, "job-1"))).toBe(true);
  expect(await writer.add(sidecarEpisode(3, "job-1"))).toBe(false);
  const corrected = {
    ...sidecarEpisode(3, "job-2"),
    annotations: Array.from({ length: 6 }, (_, t) => syntheticAnnotation(77, t)),
  };
  expect(await writer.add(corrected)).toBe(true);
  await writer.close();
  const again = await SidecarWriter.open(root, DATASET);
  expect([again.has("job-1", 9), again.has("job-2", 9)]).toEqual([true, false]);

  const reader = await openAnnotations(dataset);
  expect((await reader.episode(3))!.annotations).toEqual(corrected.annotations);
  expect((await reader.episode(4))!.annotations).toEqual(sidecarEpisode(4, "job-1").annotations);
  expect([...(await reader.episode(4))!.rawFrameIndex]).toEqual([0, 2, 4, 6, 8, 10]);
  expect(await reader.index.statistics()).toMatchObject({ nEpisodes: 10, nAnnotatedFrames: 60 });
  await reader.close();
  await expect(SidecarWriter.open(root, { ...DATASET, nEpisodes: 13 })).rejects.toMatchObject({
    code: "PVLA_PIXELS_LAYOUT",
  });
});

test("row groups of a sidecar hold many episodes: a store's files stay small to look into, and every episode is found", async () => {
  const root = join(folder, "grouped.annotations");
  const writer = await SidecarWriter.open(root, { ...DATASET, nEpisodes: 400 });
  for (let seed = 0; seed < 400; seed++) await writer.add(sidecarEpisode(seed, "job")); // 2,400 rows
  await writer.close();
  const reader = await AnnotationReader.open(root);
  const { path } = (await reader.index.fileOf(0))!;
  const [groups] = await reader.index.database.rows(
    `SELECT count(DISTINCT row_group_id) AS n, max(row_group_num_rows) AS longest FROM parquet_metadata('${path}')`,
  );
  expect(groups).toEqual({ n: 2, longest: 2046 }); // whole episodes of 6 frames, at most 2,048 rows
  for (const seed of [0, 340, 341, 399])
    expect((await reader.episode(seed))!.annotations).toEqual(sidecarEpisode(seed, "job").annotations);
  await reader.close();
});

test("an edit in a pixel dataset replaces the frames it names and no others", async () => {
  const root = await pixelDataset("edited", 3);
  const writer = await SidecarWriter.open(join(root, EDITS_FOLDER), DATASET);
  const fixed = { ...syntheticAnnotation(50, 4), review: "corrected" as const };
  const { task, split } = syntheticEpisode(1).episode;
  await writer.add({
    episodeIndex: 1,
    split,
    task,
    rawFrameIndex: Int32Array.of(5),
    annotations: [fixed],
    run: "edit-1",
  });
  await writer.close();
  const reader = await openAnnotations(root);
  const expected = [...syntheticEpisode(1).annotations!];
  expected[4] = fixed; // recorded frame 5 is frame 4: the first was dropped
  expect((await reader.episode(1))!.annotations).toEqual(expected);
  await reader.close();
});

test("the review queue sorts, filters and pages, and sees decisions of other processes", async () => {
  const root = await pixelDataset("queue", 12);
  const index = await EpisodeIndex.open(root);
  const all = await index.episodes({ sort: "doubt" });
  expect(all.total).toBe(12);
  expect(all.rows.map(({ doubt }) => doubt)).toEqual(all.rows.map(({ doubt }) => doubt).sort((a, b) => b - a));
  expect((await index.episodes({ task: "move object 2" })).rows.map(({ episodeIndex }) => episodeIndex).sort()).toEqual(
    [2, 7],
  );
  expect(
    (await index.episodes({ sort: "episode", page: 2, pageSize: 5 })).rows.map(({ episodeIndex }) => episodeIndex),
  ).toEqual([10, 11]);

  await index.decide(3, "accepted", "ada");
  const other = await ReviewLog.open(root);
  await other.decide(4, "rejected", "bob", "wrong object");
  expect(await index.refresh()).toBe(true);
  expect(
    (await index.episodes({ decisions: ["accepted", "rejected"], sort: "episode" })).rows.map(
      ({ decision, author }) => [decision, author],
    ),
  ).toEqual([
    ["accepted", "ada"],
    ["rejected", "bob"],
  ]);
  expect((await index.statistics()).decisions).toEqual({
    pending: 10,
    accepted: 1,
    corrected: 0,
    rejected: 1,
    hard: 0,
  });
  expect(await index.frameStatistics()).toMatchObject({ nFrames: 130, nAnnotated: 130 });
  await other.close();
  await index.close();
});

test("decisions and queries at the same time do not disturb each other", async () => {
  const root = await pixelDataset("busy", 12);
  const index = await EpisodeIndex.open(root);
  const work: Promise<unknown>[] = [];
  for (let round = 0; round < 40; round++)
    work.push(
      index.decide(round % 12, round < 28 ? "rejected" : "accepted", "ada"),
      index.episodes({ sort: "doubt" }),
      index.statistics(),
      index.episode(round % 12),
      index.refresh(),
    );
  await Promise.all(work);
  expect((await index.statistics()).decisions).toMatchObject({ pending: 0, accepted: 12 });
  await index.close();
});

test("a decision can be taken back step by step, and its history stays", async () => {
  const root = await pixelDataset("undo", 2);
  const index = await EpisodeIndex.open(root);
  await index.decide(0, "accepted", "ada");
  await index.decide(0, "rejected", "bob");
  expect(await index.undo(0, "ada")).toMatchObject({ decision: "accepted", author: "ada" });
  expect(await index.undo(0, "ada")).toBeUndefined();
  await expect(index.undo(0, "ada")).rejects.toMatchObject({ code: "PVLA_PIXELS_MISSING" });
  await index.decide(0, "corrected", "eve");
  await index.close();
  const log = await ReviewLog.open(root);
  expect(log.current(0)).toMatchObject({ decision: "corrected", author: "eve" });
  expect(log.history(0)).toHaveLength(5);
});

test("a line cut off by a kill, or a line of rubbish, does not harm the other decisions", async () => {
  const root = await pixelDataset("torn", 2);
  const log = await ReviewLog.open(root);
  await log.decide(0, "accepted", "ada");
  await log.close();
  const [file] = readdirSync(join(root, "reviews"));
  appendFileSync(join(root, "reviews", file!), '{"version":9}\n{"version":1,"id":"x","tim');
  const again = await ReviewLog.open(root);
  expect(again.current(0)?.decision).toBe("accepted");
  expect(again.nUnreadable).toBe(1);
});

test("annotations of a newer schema version are refused with both versions", async () => {
  const root = await pixelDataset("future", 2);
  rewriteData(root, JSON.stringify({ annotationSchema: 7 }));
  const reader = await openAnnotations(root);
  await expect(reader.episode(0)).rejects.toMatchObject({
    code: "PVLA_PIXELS_SCHEMA",
    message: expect.stringContaining("version 7") as string,
  });
  await reader.close();
});

test("migrations run in order from the stored version to the current one", () => {
  const migrations = [
    { from: 1, migrate: (row: object) => ({ ...row, two: true }) },
    { from: 2, migrate: (row: object) => ({ ...row, three: "two" in row }) },
  ];
  expect(migrationFrom(1, "x", migrations, 3)({ one: 1 })).toEqual({ one: 1, two: true, three: true });
  expect(migrationFrom(3, "x", migrations, 3)({ one: 1 })).toEqual({ one: 1 });
  expect(() => migrationFrom(1, "x", migrations.slice(1), 3)).toThrow(
    expect.objectContaining({ code: "PVLA_PIXELS_SCHEMA" }),
  );
  expect(() => migrationFrom(undefined, "x")).toThrow(expect.objectContaining({ code: "PVLA_PIXELS_SCHEMA" }));
});

test("annotations of schema version 1 come up to date when read, their new measures unknown", async () => {
  const root = await pixelDataset("version-1", 2);
  const added = dataColumns(syntheticLayout()).flatMap(({ name }) =>
    /^annotation\.(origin|quality|doubt)/.test(name) ? [name] : [],
  );
  expect(added).toHaveLength(8);
  rewriteData(root, JSON.stringify({ annotationSchema: 1 }), added, "someone");
  const reader = await openAnnotations(root);
  expect((await reader.episode(0))!.annotations[0]).toMatchObject({
    model: "someone",
    origin: "",
    quality: { agreement: undefined, doubt: undefined, doubtReason: "" },
  });
  await reader.close();
});

test("quality, doubt with its reason and a hard case come back, and the doubted reason is listed", async () => {
  const root = await pixelDataset("quality", 0);
  const writer = await PixelDatasetWriter.open(root, syntheticLayout());
  const quality = {
    agreement: 0.5,
    fragmentation: 0.25,
    gripperDistance: 2.5,
    stability: 1,
    phraseMatch: undefined,
    doubt: 0.75,
    doubtReason: "two segmenters agree by 50 %",
  };
  const sure = { ...quality, doubt: 0.25, doubtReason: "all measures are good" };
  const annotations = [sure, quality].map((q, t) => ({
    ...syntheticAnnotation(0, t),
    origin: "tracked" as const,
    quality: q,
  }));
  await writer.add({ ...syntheticEpisode(0, { withImages: false }), annotations, doubt: 0.75 });
  await writer.close();
  const reader = await openAnnotations(root);
  expect((await reader.episode(0))!.annotations.slice(0, 2)).toEqual(annotations);
  await reader.index.decide(0, "hard", "ada");
  expect(await reader.index.episode(0)).toMatchObject({
    doubt: 0.75,
    doubtReason: quality.doubtReason,
    decision: "hard",
  });
  await reader.close();
});

test("reproducible sidecars of the same episodes are the same to the last byte", async () => {
  const roots = ["same-a", "same-b"].map((name) => join(folder, name));
  for (const root of roots) {
    const writer = await SidecarWriter.open(root, DATASET, { commitEpisodes: 4, reproducible: true });
    for (let seed = 0; seed < 10; seed++) await writer.add(sidecarEpisode(seed, "job"));
    await writer.close();
  }
  const contents = roots.map((root) =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(root.length), readFileSync(path).toString("base64")]),
  );
  expect(contents[0]!.length).toBeGreaterThan(6);
  expect(contents[1]).toEqual(contents[0]);
});

test("a data file that is damaged, or lacks columns, is named in one sentence", async () => {
  const root = await pixelDataset("damaged", 2);
  const path = join(root, "data/chunk-000/file-000.parquet");
  rewriteData(root, JSON.stringify({ annotationSchema: 1 }), ["annotation.model"]);
  let reader = await AnnotationReader.open(root);
  await expect(reader.episode(0)).rejects.toMatchObject({
    code: "PVLA_PIXELS_DAMAGED",
    message: expect.stringContaining("annotation.model") as string,
  });
  await reader.close();
  writeFileSync(path, "not parquet");
  reader = await AnnotationReader.open(root);
  await expect(reader.episode(0)).rejects.toMatchObject({
    code: "PVLA_PIXELS_DAMAGED",
    message: expect.stringContaining(path) as string,
  });
  await reader.close();
});

/** Writes the data file anew with other metadata or fewer columns, as other software might. */
function rewriteData(root: string, metadata: string, without: string[] = [], model = ""): void {
  const columns = dataColumns(syntheticLayout()).filter(({ name }) => !without.includes(name));
  const rows = [0, 1].flatMap((seed) => Array.from({ length: 8 + seed }, (_, t) => ({ seed, t })));
  const values = columns.map(({ name, dtype, shape }) => ({
    name,
    data: rows.map(({ seed, t }) => {
      if (name === "episode_index") return BigInt(seed);
      if (dtype === "int64") return BigInt(t);
      if (name === "annotation.model") return model;
      if (dtype === "string") return name === "annotation.review" ? "pending" : "";
      if (dtype === "bool") return false;
      if (dtype === "image") return { bytes: Uint8Array.of(1), path: "x" };
      return shape[0] === 1 ? 0 : Array.from({ length: shape[0]! }, () => 0);
    }),
  }));
  writeParquet(join(root, "data/chunk-000/file-000.parquet"), parquetSchema(columns), [values], {
    huggingface: huggingFaceMetadata(columns),
    pixelvla: metadata,
  });
}
