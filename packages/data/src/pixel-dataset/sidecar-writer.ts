import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import type { DatasetInfo } from "../episode.ts";
import { summariseAnnotations, type EpisodeAnnotations } from "./annotation.ts";
import { ANNOTATION_COLUMNS, annotationToRow } from "./annotation-columns.ts";
import { ANNOTATION_SCHEMA } from "./annotation-schema.ts";
import { huggingFaceMetadata, leaf, listElements, parquetSchema, type Column } from "./columns.ts";
import { CommitLog, type Commit, type Transaction } from "./commit-log.ts";
import { badEpisode, layoutMismatch, notOurs } from "./errors.ts";
import { sidecarPaths } from "./layout.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { writeParquet } from "./parquet-file.ts";
import { checkScores } from "./pixel-episode.ts";
import type { CommitReport, WriterOptions } from "./pixel-dataset-writer.ts";

/** Which dataset a sidecar belongs to. */
export interface SidecarDataset {
  readonly name: string;
  readonly format: string;
  readonly version: string;
  readonly nEpisodes: number;
}

/** What the next writer of a sidecar must know. */
export interface SidecarState {
  readonly kind: "sidecar";
  readonly annotationSchema: number;
  readonly dataset: SidecarDataset;
  readonly nFiles: number;
}

/** Annotations of one episode of a dataset that stays as it is. */
export interface SidecarEpisode {
  readonly episodeIndex: number;
  readonly split: string;
  readonly task: string;
  /** Recorded frame of each annotation; strictly rising. */
  readonly rawFrameIndex: Int32Array;
  readonly annotations: EpisodeAnnotations;
  /** Name of the job or edit. Annotations of a later run replace earlier ones; the same run adds an episode once. */
  readonly run: string;
  readonly doubt?: number | undefined;
  /** What the doubt comes from, in words, if the annotator knows. */
  readonly doubtReason?: string | undefined;
}

const KEY_COLUMNS: readonly Column[] = [
  { name: "episode_index", dtype: "int64", shape: [1] },
  { name: "frame_index", dtype: "int64", shape: [1] },
];
const COLUMNS = [...KEY_COLUMNS, ...ANNOTATION_COLUMNS];

/** Default place of a dataset's sidecar: a folder beside it, so that not one byte of the dataset changes. */
export const sidecarPath = (datasetRoot: string): string => `${datasetRoot.replace(/[\\/]+$/, "")}.annotations`;

/** What identifies the dataset a sidecar belongs to. */
export const sidecarDataset = ({ name, format, version, nEpisodesDeclared }: DatasetInfo): SidecarDataset => ({
  name,
  format,
  version,
  nEpisodes: nEpisodesDeclared,
});

/**
 * Writes annotations beside a dataset instead of into it: the same columns, keyed by episode and recorded frame. Same
 * guarantees as `PixelDatasetWriter`: several writers, kill at any moment, every (run, episode) once.
 */
export class SidecarWriter {
  readonly root: string;
  readonly #log: CommitLog<SidecarState>;
  readonly #limits: Required<WriterOptions>;
  readonly #turns = new OneAtATime();
  readonly #keys = new Set<string>();
  #head: Commit<SidecarState>;
  #pending: (SidecarEpisode & { key: string })[] = [];

  private constructor(log: CommitLog<SidecarState>, head: Commit<SidecarState>, options: WriterOptions) {
    this.root = log.root;
    this.#log = log;
    this.#head = head;
    this.#limits = { commitEpisodes: 500, commitBytes: 64 << 20, reproducible: false, ...options };
  }

  /** Creates the sidecar or opens it for appending. @throws PVLA_PIXELS_LAYOUT for one that belongs to another dataset */
  static async open(root: string, dataset: SidecarDataset, options: WriterOptions = {}): Promise<SidecarWriter> {
    const log = new CommitLog<SidecarState>(root, options);
    let head = await log.head();
    if (head === undefined) {
      const txn = await log.begin();
      try {
        head =
          (await log.publish(txn, 0, [], {
            kind: "sidecar",
            annotationSchema: ANNOTATION_SCHEMA,
            dataset,
            nFiles: 0,
          })) ?? (await log.head());
      } finally {
        await txn.discard();
      }
    }
    if (head?.state.kind !== "sidecar") throw notOurs(root, "a store that is no sidecar");
    const name = (d: SidecarDataset) => `"${d.name}" (${d.format} ${d.version}, ${d.nEpisodes} episodes)`;
    if (name(head.state.dataset) !== name(dataset))
      throw layoutMismatch(root, `annotations of ${name(head.state.dataset)}`, name(dataset));
    if (head.state.annotationSchema > ANNOTATION_SCHEMA)
      throw layoutMismatch(root, `annotation schema ${head.state.annotationSchema}`, String(ANNOTATION_SCHEMA));
    const writer = new SidecarWriter(log, head, options);
    await writer.#learn(0);
    return writer;
  }

  /** Whether a run has annotated an episode: a resumed job skips it. */
  has(run: string, episodeIndex: number): boolean {
    const key = keyOf(run, episodeIndex);
    return this.#keys.has(key) || this.#pending.some((episode) => episode.key === key);
  }

  /**
   * Adds one episode's annotations; false if this run has added it before. To be awaited before the next call.
   *
   * @throws PVLA_PIXELS_EPISODE, PVLA_MASK_DECODE, PVLA_PIXELS_WRITE, PVLA_PIXELS_OVERLAP
   */
  async add(episode: SidecarEpisode): Promise<boolean> {
    return this.#turns.run(`Adding episode ${episode.episodeIndex}`, () => this.#add(episode));
  }

  /** Publishes everything added so far. @throws PVLA_PIXELS_WRITE, PVLA_PIXELS_OVERLAP */
  async commit(): Promise<CommitReport> {
    return this.#turns.run("Committing", () => this.#commit());
  }

  async #add(episode: SidecarEpisode): Promise<boolean> {
    const { run, episodeIndex, annotations, rawFrameIndex } = episode;
    if (this.has(run, episodeIndex)) return false;
    const name = `${episodeIndex}`;
    if (annotations.length !== rawFrameIndex.length)
      throw badEpisode(
        name,
        `annotations of ${annotations.length} frames`,
        `${rawFrameIndex.length}, one for each frame index`,
      );
    if (rawFrameIndex.some((raw, t) => raw < 0 || (t > 0 && raw <= rawFrameIndex[t - 1]!)))
      throw badEpisode(name, "frame indices out of order", "strictly rising frame indices");
    checkScores(name, annotations);
    for (const annotation of annotations) annotationToRow(annotation); // refuses masks that do not decode
    // Two runs' annotations of one episode never share a file: the later file is the one that counts.
    if (this.#pending.some((other) => other.episodeIndex === episodeIndex)) await this.#commit();
    this.#pending.push({ ...episode, key: keyOf(run, episodeIndex) });
    if (this.#pending.length >= this.#limits.commitEpisodes) await this.#commit();
    return true;
  }

  async #commit(): Promise<CommitReport> {
    const duplicates: string[] = [];
    let txn: Transaction | undefined;
    try {
      for (let attempt = 0; this.#pending.length > 0; attempt++) {
        const head = await this.#log.head();
        if (head === undefined) throw notOurs(this.root, "that its commits are gone");
        const known = this.#head.state.nFiles;
        this.#head = head;
        await this.#learn(known);
        for (const { key } of this.#pending) if (this.#keys.has(key)) duplicates.push(key);
        this.#pending = this.#pending.filter(({ key }) => !this.#keys.has(key));
        if (this.#pending.length === 0) break;
        txn ??= await this.#log.begin();
        const paths = sidecarPaths(head.state.nFiles);
        writeAnnotations(await txn.place(paths.annotations), this.#pending);
        writeEpisodes(await txn.place(paths.episodes), this.#pending, head.state.nFiles);
        const commit = await this.#log.publish(txn, head.revision, [paths.annotations, paths.episodes], {
          ...head.state,
          annotationSchema: ANNOTATION_SCHEMA, // every file says its own version: older ones are migrated when read
          nFiles: head.state.nFiles + 1,
        });
        if (commit === undefined) {
          await sleep(Math.random() * Math.min(400, 20 * 2 ** attempt));
          continue;
        }
        txn = undefined;
        this.#head = commit;
        for (const { key } of this.#pending) this.#keys.add(key);
        return { revision: commit.revision, nAdded: this.#pending.length, duplicates };
      }
      return { revision: this.#head.revision, nAdded: 0, duplicates };
    } finally {
      this.#pending = [];
      await txn?.discard();
    }
  }

  /** Commits what is left. */
  async close(): Promise<CommitReport> {
    return this.commit();
  }

  async #learn(from: number): Promise<void> {
    for (let i = from; i < this.#head.state.nFiles; i++) {
      const file = await asyncBufferFromFile(join(this.root, sidecarPaths(i).episodes));
      for (const row of await parquetReadObjects({ file, columns: ["source_key"] }))
        this.#keys.add(String(row["source_key"]));
    }
  }
}

const keyOf = (run: string, episodeIndex: number) => `${run}/${episodeIndex}`;

/**
 * Rows of a row group, of whole episodes: readers look at so many at once anyway, and a group for each episode made the footer, which every
 * look has to read, larger than the data.
 */
const ROWS_PER_GROUP = 2048;

function writeAnnotations(path: string, episodes: readonly SidecarEpisode[]): void {
  const groups = function* () {
    for (let start = 0; start < episodes.length;) {
      let [end, nRows] = [start, 0];
      while (end < episodes.length && (nRows === 0 || nRows + episodes[end]!.annotations.length <= ROWS_PER_GROUP))
        nRows += episodes[end++]!.annotations.length;
      const group = episodes.slice(start, end);
      start = end;
      if (nRows === 0) continue;
      const rows = group.flatMap(({ annotations }) => annotations.map(annotationToRow));
      yield [
        {
          name: "episode_index",
          data: group.flatMap(({ episodeIndex, annotations }) => annotations.map(() => BigInt(episodeIndex))),
        },
        { name: "frame_index", data: group.flatMap(({ rawFrameIndex }) => Array.from(rawFrameIndex, BigInt)) },
        ...ANNOTATION_COLUMNS.map(({ name }) => ({ name, data: rows.map((row) => row[name]) })),
      ];
    }
  };
  writeParquet(path, parquetSchema(COLUMNS), groups(), {
    huggingface: huggingFaceMetadata(COLUMNS),
    pixelvla: JSON.stringify({ annotationSchema: ANNOTATION_SCHEMA }),
  });
}

function writeEpisodes(path: string, episodes: readonly (SidecarEpisode & { key: string })[], fileIndex: number): void {
  const summaries = episodes.map((episode) => {
    const summary = summariseAnnotations(episode.annotations);
    const { doubt = summary.doubt, doubtReason = summary.doubtReason } = episode;
    return { ...summary, doubt, doubtReason };
  });
  const columns = [
    [leaf("episode_index", "int64"), episodes.map((e) => BigInt(e.episodeIndex))],
    [leaf("length", "int64"), episodes.map((e) => BigInt(e.annotations.length))],
    [leaf("file_index", "int64"), episodes.map(() => BigInt(fileIndex))],
    [leaf("source_key", "string"), episodes.map((e) => e.key)],
    [leaf("split", "string"), episodes.map((e) => e.split)],
    [leaf("annotation/n_annotated", "int64"), summaries.map((s) => BigInt(s.nAnnotated))],
    [leaf("annotation/n_with_mask", "int64"), summaries.map((s) => BigInt(s.nWithMask))],
    [leaf("annotation/mean_score", "float64"), summaries.map((s) => s.meanScore)],
    [leaf("annotation/min_score", "float64"), summaries.map((s) => s.minScore)],
    [leaf("annotation/doubt", "float64"), summaries.map((s) => s.doubt)],
    [leaf("annotation/doubt_reason", "string"), summaries.map((s) => s.doubtReason)],
    [leaf("annotation/phrase", "string"), summaries.map((s) => s.phrase)],
  ] as const;
  writeParquet(
    path,
    [
      { name: "schema", repetition_type: "REQUIRED", num_children: columns.length + 1 },
      ...columns.map(([element]) => element),
      ...listElements("tasks", leaf("element", "string")),
    ],
    [[...columns.map(([{ name }, data]) => ({ name, data })), { name: "tasks", data: episodes.map((e) => [e.task]) }]],
  );
}
