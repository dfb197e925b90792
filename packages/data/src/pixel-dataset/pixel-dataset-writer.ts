import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { ANNOTATION_SCHEMA } from "./annotation-schema.ts";
import { huggingFaceMetadata, parquetSchema, type Column } from "./columns.ts";
import { CommitLog, type Commit, type Transaction } from "./commit-log.ts";
import { errno, writeDurably } from "./durable-files.ts";
import { layoutMismatch, notOurs } from "./errors.ts";
import { rowGroups } from "./data-table.ts";
import { infoJson, layoutKey, type PixelDatasetState } from "./dataset-info.ts";
import { episodeTable, type EpisodeRow } from "./episode-table.ts";
import {
  featureStatistics,
  mergeStatistics,
  statisticsFromJson,
  statisticsToJson,
  type FeatureStatistics,
} from "./feature-statistics.ts";
import { cameraFeature, dataColumns, filePaths, type PixelLayout } from "./layout.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { writeParquet } from "./parquet-file.ts";
import { pendingEpisode, type PendingEpisode, type PixelEpisode } from "./pixel-episode.ts";
import { sampleImageStatistics } from "./image-statistics.ts";
import { readTasks, writeTasks } from "./task-table.ts";
import { createVideoFile, type VideoFile } from "./video-file.ts";

/** When buffered episodes are committed without being asked. */
export interface WriterOptions {
  /** Default 500. */
  readonly commitEpisodes?: number;
  /** Buffered bytes; default 64 MiB. */
  readonly commitBytes?: number;
  /** Leave time and writer out of the commits of a sidecar: the same episodes in the same order give the same bytes. */
  readonly reproducible?: boolean;
}

/** What a commit did. */
export interface CommitReport {
  readonly revision: number;
  readonly nAdded: number;
  /** Keys that another writer had added meanwhile; their episodes were dropped. */
  readonly duplicates: readonly string[];
}

/**
 * Writes a pixel dataset: a LeRobot v3 dataset with annotation columns (docs/reference/pixel-dataset.md). Several
 * writers, in any processes and on any machines that share the folder, may append at once; what `commit` has reported
 * survives a kill at any moment, and an episode key is kept once however often it is added.
 */
export class PixelDatasetWriter {
  readonly root: string;
  readonly layout: PixelLayout;
  readonly #log: CommitLog<PixelDatasetState>;
  readonly #columns: Column[];
  readonly #limits: Required<WriterOptions>;
  readonly #turns = new OneAtATime();
  readonly #keys = new Set<string>();
  readonly #videos = new Map<string, { file: VideoFile; path: string }>();
  #head: Commit<PixelDatasetState>;
  #tasks: string[] = [];
  #pending: PendingEpisode[] = [];
  #imageStatistics: Map<string, FeatureStatistics>[] = [];
  #txn: Transaction | undefined;

  private constructor(log: CommitLog<PixelDatasetState>, head: Commit<PixelDatasetState>, options: WriterOptions) {
    this.root = log.root;
    this.layout = head.state.layout;
    this.#log = log;
    this.#head = head;
    this.#columns = dataColumns(this.layout);
    this.#limits = { commitEpisodes: 500, commitBytes: 64 << 20, reproducible: false, ...options };
  }

  /**
   * Creates the dataset, or opens it for appending if it is there already.
   *
   * @throws PVLA_PIXELS_NOT_OURS for a folder with other content, PVLA_PIXELS_LAYOUT for a dataset of another layout
   */
  static async open(root: string, layout: PixelLayout, options: WriterOptions = {}): Promise<PixelDatasetWriter> {
    const log = new CommitLog<PixelDatasetState>(root);
    let head = await log.head();
    if (head === undefined) head = await create(log, layout);
    const { state } = head;
    if ((state.kind as string) !== "pixel-dataset") throw notOurs(root, `a store of kind "${state.kind}"`);
    if (state.annotationSchema !== ANNOTATION_SCHEMA)
      throw layoutMismatch(
        root,
        `annotation schema ${state.annotationSchema}`,
        `${ANNOTATION_SCHEMA}: run "pixelvla data convert" to a new folder first`,
      );
    const found = layoutKey(layout);
    if (found !== layoutKey(state.layout))
      throw layoutMismatch(root, `episodes with ${found}`, layoutKey(state.layout));
    const writer = new PixelDatasetWriter(log, head, options);
    await writer.#learn(0);
    return writer;
  }

  /** Episodes committed, by all writers, as far as this one knows. */
  get nEpisodes(): number {
    return this.#head.state.nEpisodes;
  }

  /** Whether an episode is committed or waiting here: a resumed conversion skips it. */
  has(key: string): boolean {
    return this.#keys.has(key) || this.#pending.some((episode) => episode.key === key);
  }

  /**
   * Adds one episode; commits when enough is buffered. To be awaited before the next call.
   *
   * @returns false if the key is there already (nothing is done)
   * @throws PVLA_PIXELS_EPISODE, PVLA_MASK_DECODE, PVLA_PIXELS_WRITE, PVLA_PIXELS_ENCODE, PVLA_PIXELS_OVERLAP
   */
  async add(episode: PixelEpisode): Promise<boolean> {
    return this.#turns.run(`Adding episode "${episode.key}"`, () => this.#add(episode));
  }

  /** Publishes everything added so far. @throws PVLA_PIXELS_WRITE, after which the buffered episodes are gone and may be added again; PVLA_PIXELS_OVERLAP */
  async commit(): Promise<CommitReport> {
    return this.#turns.run("Committing", () => this.#commit());
  }

  async #add(episode: PixelEpisode): Promise<boolean> {
    if (this.has(episode.key)) return false;
    const firstVideoFrame = [...this.#videos.values()][0]?.file.nFrames ?? 0;
    const pending = await pendingEpisode(episode, this.layout, this.#columns, firstVideoFrame);
    const statistics = await sampleImageStatistics(episode, this.layout);
    if (this.layout.images !== "stored") await this.#encode(episode);
    this.#pending.push(pending);
    this.#imageStatistics.push(statistics);
    const bytes = this.#pending.reduce((sum, one) => sum + one.bytes, 0);
    if (this.#pending.length >= this.#limits.commitEpisodes || bytes >= this.#limits.commitBytes) await this.#commit();
    return true;
  }

  async #commit(): Promise<CommitReport> {
    const duplicates: string[] = [];
    try {
      for (const { file } of this.#videos.values()) await file.finish();
      for (let attempt = 0; this.#pending.length > 0; attempt++) {
        await this.#refresh();
        for (const { key } of this.#pending) if (this.#keys.has(key)) duplicates.push(key);
        const fresh = this.#pending
          .map((pending, i) => ({ pending, images: this.#imageStatistics[i]! }))
          .filter(({ pending }) => !this.#keys.has(pending.key));
        if (fresh.length === 0) break;
        this.#pending = fresh.map(({ pending }) => pending);
        this.#imageStatistics = fresh.map(({ images }) => images);
        this.#txn ??= await this.#log.begin();
        const { files, state, tasks } = await this.#prepare(this.#txn, fresh);
        const commit = await this.#log.publish(this.#txn, this.#head.revision, files, state);
        if (commit === undefined) {
          await sleep(Math.random() * Math.min(400, 20 * 2 ** attempt));
          continue;
        }
        this.#txn = undefined;
        this.#head = commit;
        this.#tasks = tasks;
        for (const { key } of this.#pending) this.#keys.add(key);
        return { revision: commit.revision, nAdded: fresh.length, duplicates };
      }
      return { revision: this.#head.revision, nAdded: 0, duplicates };
    } finally {
      this.#pending = [];
      this.#imageStatistics = [];
      this.#videos.clear();
      await this.#txn?.discard();
      this.#txn = undefined;
    }
  }

  /** Commits what is left. */
  async close(): Promise<CommitReport> {
    return this.commit();
  }

  /** Throws away what is not committed. */
  async abort(): Promise<void> {
    for (const { file } of this.#videos.values()) file.abort();
    this.#videos.clear();
    this.#pending = [];
    this.#imageStatistics = [];
    await this.#txn?.discard();
    this.#txn = undefined;
  }

  async #encode({ episode }: PixelEpisode): Promise<void> {
    const { cameras, images, fps } = this.layout;
    this.#txn ??= await this.#log.begin();
    try {
      for (const { key, widthPx, heightPx } of cameras) {
        let video = this.#videos.get(key);
        if (video === undefined) {
          const path = join(this.#txn.folder, `${cameraFeature(key)}.mp4`);
          video = { path, file: await createVideoFile(path, images as "av1" | "h264", { widthPx, heightPx, fps }) };
          this.#videos.set(key, video);
        }
        for (let t = 0; t < episode.nFrames; t++) await video.file.add(await episode.image(key, t));
      }
    } catch (error) {
      await this.abort(); // the videos hold part of an episode
      throw error;
    }
  }

  async #refresh(): Promise<void> {
    const head = await this.#log.head();
    if (head === undefined) throw notOurs(this.root, "that its commits are gone");
    if (head.revision === this.#head.revision) return;
    const known = this.#head.state.nFiles;
    this.#head = head;
    await this.#learn(known);
  }

  /** Reads the keys of files from number `from` on, and the tasks. */
  async #learn(from: number): Promise<void> {
    for (let i = from; i < this.#head.state.nFiles; i++) {
      const file = await asyncBufferFromFile(join(this.root, filePaths(i).episodes));
      for (const row of await parquetReadObjects({ file, columns: ["source_key"] }))
        this.#keys.add(String(row["source_key"]));
    }
    this.#tasks = await readTasks(join(this.root, "meta/tasks.parquet"));
  }

  /** Writes the files of the next commit aside. */
  async #prepare(
    txn: Transaction,
    fresh: readonly { pending: PendingEpisode; images: Map<string, FeatureStatistics> }[],
  ) {
    const { layout } = this;
    const before = this.#head.state;
    const paths = filePaths(before.nFiles);
    for (const part of ["data", "meta"]) await rm(join(txn.folder, "files", part), { recursive: true, force: true });
    const tasks = [...this.#tasks];
    const taskIndex = new Map(tasks.map((task, i) => [task, i]));
    let firstIndex = before.nFrames;
    const rows = fresh.map(({ pending, images }, i): EpisodeRow => {
      if (!taskIndex.has(pending.task)) taskIndex.set(pending.task, tasks.push(pending.task) - 1);
      const statistics = new Map<string, FeatureStatistics>();
      if (pending.state.length > 0)
        statistics.set("observation.state", featureStatistics(pending.state, layout.stateNames.length));
      statistics.set("action", featureStatistics(pending.action, layout.actionNames.length));
      statistics.set("timestamp", featureStatistics(pending.values.get("timestamp") as number[], 1));
      for (const [feature, values] of images) statistics.set(feature, values);
      const row = { pending, episodeIndex: before.nEpisodes + i, firstIndex, statistics };
      firstIndex += pending.nFrames;
      return row;
    });

    writeParquet(await txn.place(paths.data), parquetSchema(this.#columns), rowGroups(rows, this.#columns, taskIndex), {
      huggingface: huggingFaceMetadata(this.#columns),
      pixelvla: JSON.stringify({ annotationSchema: ANNOTATION_SCHEMA }),
    });
    const table = episodeTable(layout, before.nFiles, rows);
    const root = { name: "schema", repetition_type: "REQUIRED" as const, num_children: table.columns.length };
    writeParquet(await txn.place(paths.episodes), [root, ...table.schema], [table.columns]);
    writeTasks(await txn.place("meta/tasks.parquet"), tasks);
    await writeDurably(await txn.place("meta/stats.json"), JSON.stringify(await this.#mergedStatistics(rows), null, 2));
    const state: PixelDatasetState = {
      ...before,
      nEpisodes: before.nEpisodes + rows.length,
      nFrames: firstIndex,
      nFiles: before.nFiles + 1,
    };
    await writeDurably(await txn.place("meta/info.json"), infoJson(state, this.#columns, tasks.length));
    const videos: string[] = [];
    for (const [camera, video] of this.#videos) {
      const target = await txn.place(paths.video(camera));
      await rename(video.path, target);
      video.path = target;
      videos.push(paths.video(camera));
    }
    const files = [paths.data, ...videos, paths.episodes, "meta/tasks.parquet", "meta/stats.json", "meta/info.json"];
    return { files, state, tasks };
  }

  async #mergedStatistics(rows: readonly EpisodeRow[]): Promise<Record<string, unknown>> {
    const path = join(this.root, "meta/stats.json");
    const old = existsSync(path)
      ? (JSON.parse(await readFile(path, "utf8")) as Record<string, Record<string, unknown>>)
      : {};
    const merged: Record<string, unknown> = {};
    const cameras = new Set(this.layout.cameras.map(({ key }) => cameraFeature(key)));
    for (const feature of rows[0]?.statistics.keys() ?? []) {
      let sum = old[feature] === undefined ? undefined : statisticsFromJson(old[feature]);
      for (const { statistics } of rows) sum = mergeStatistics(sum, statistics.get(feature)!);
      merged[feature] = statisticsToJson(sum!, cameras.has(feature));
    }
    return merged;
  }
}

/** First commit: an empty dataset. Of several creators one wins, the others open what it made. */
async function create(log: CommitLog<PixelDatasetState>, layout: PixelLayout): Promise<Commit<PixelDatasetState>> {
  const columns = dataColumns(layout);
  const there = await readdir(log.root).catch((error: unknown) => {
    if (errno(error) === "ENOENT") return [];
    throw error;
  });
  const foreign = there.find((name) => name !== ".pixelvla");
  if (foreign !== undefined) throw notOurs(log.root, `"${foreign}" and no commits of this software`);
  const txn = await log.begin();
  try {
    const state: PixelDatasetState = {
      kind: "pixel-dataset",
      annotationSchema: ANNOTATION_SCHEMA,
      layout,
      nEpisodes: 0,
      nFrames: 0,
      nFiles: 0,
    };
    await writeDurably(await txn.place("meta/info.json"), infoJson(state, columns, 0));
    const commit = (await log.publish(txn, 0, ["meta/info.json"], state)) ?? (await log.head());
    if (commit === undefined) throw notOurs(log.root, "that its commits are gone");
    return commit;
  } finally {
    await txn.discard();
  }
}
