import { join } from "node:path";
import { existsSync } from "node:fs";
import { EpisodeIndex } from "../queries/episode-index.ts";
import { sqlList } from "../queries/duckdb.ts";
import type { EpisodeAnnotations, FrameAnnotation } from "./annotation.ts";
import { ANNOTATION_COLUMNS, annotationFromRow, type AnnotationRow } from "./annotation-columns.ts";
import { migrationFrom, type Migration } from "./annotation-schema.ts";
import { damagedStore, nothingThere } from "./errors.ts";

/** Annotations of one episode, and which recorded frame each belongs to. */
export interface StoredAnnotations {
  readonly annotations: EpisodeAnnotations;
  /** `[T]` */
  readonly rawFrameIndex: Int32Array;
}

/** Folder below a pixel dataset in which later edits of its annotations lie, in sidecar form. */
export const EDITS_FOLDER = "annotations";

/**
 * Reads annotations from a pixel dataset (its columns, with later edits on top) or from a sidecar. Old schema versions
 * are migrated on the way.
 */
export class AnnotationReader {
  readonly index: EpisodeIndex;
  readonly #edits: EpisodeIndex | undefined;
  readonly #migrations: readonly Migration[] | undefined;
  readonly #steps = new Map<string, (row: AnnotationRow) => AnnotationRow>();

  private constructor(
    index: EpisodeIndex,
    edits: EpisodeIndex | undefined,
    migrations: readonly Migration[] | undefined,
  ) {
    this.index = index;
    this.#edits = edits;
    this.#migrations = migrations;
  }

  /** @throws PVLA_PIXELS_MISSING for a folder that is neither a pixel dataset nor a sidecar */
  static async open(root: string, options: { migrations?: readonly Migration[] } = {}): Promise<AnnotationReader> {
    const index = await EpisodeIndex.open(root);
    const edits = join(root, EDITS_FOLDER);
    const hasEdits = index.kind === "pixel-dataset" && existsSync(join(edits, ".pixelvla", "commits"));
    return new AnnotationReader(index, hasEdits ? await EpisodeIndex.open(edits) : undefined, options.migrations);
  }

  /** Annotations of an episode, or undefined if it is not there. @throws PVLA_PIXELS_DAMAGED, PVLA_PIXELS_SCHEMA, PVLA_MASK_DECODE */
  async episode(episodeIndex: number): Promise<StoredAnnotations | undefined> {
    return (await this.episodes([episodeIndex])).get(episodeIndex);
  }

  /** Annotations of several episodes, one query a file; those that are not there are left out. @throws as `episode` */
  async episodes(episodeIndices: Iterable<number>): Promise<Map<number, StoredAnnotations>> {
    const stored = await this.#read(this.index, episodeIndices);
    if (this.#edits === undefined) return stored;
    for (const [episodeIndex, edited] of await this.#read(this.#edits, [...stored.keys()]))
      stored.set(episodeIndex, withEdits(stored.get(episodeIndex)!, edited));
    return stored;
  }

  async close(): Promise<void> {
    await this.index.close();
    await this.#edits?.close();
  }

  async #read(index: EpisodeIndex, episodeIndices: Iterable<number>): Promise<Map<number, StoredAnnotations>> {
    const wanted = new Map<string, Map<number, number>>(); // file -> episode -> frames that its episode table promises
    for (const episodeIndex of episodeIndices) {
      const place = await index.fileOf(episodeIndex);
      if (place === undefined) continue;
      const inFile = wanted.get(place.path) ?? new Map<number, number>();
      wanted.set(place.path, inFile.set(episodeIndex, place.nFrames));
    }
    const found = new Map<number, StoredAnnotations>();
    for (const [path, inFile] of wanted)
      for (const [episodeIndex, stored] of await this.#readFile(index, path, inFile)) found.set(episodeIndex, stored);
    return found;
  }

  async #readFile(
    index: EpisodeIndex,
    path: string,
    nFramesOf: ReadonlyMap<number, number>,
  ): Promise<Map<number, StoredAnnotations>> {
    const migrate = await this.#migrationOf(index, path);
    const frame = index.kind === "sidecar" ? "frame_index" : `"raw.frame_index"`;
    let rows: Record<string, unknown>[];
    try {
      rows = await index.database.rows(
        `SELECT episode_index AS episode, ${frame} AS raw_frame, COLUMNS(c -> c LIKE 'annotation.%') FROM read_parquet(${sqlList([path])}) WHERE episode_index IN (${[...nFramesOf.keys()].join()}) ORDER BY episode_index, frame_index`,
      );
    } catch (cause) {
      throw damagedStore(path, firstLine(cause));
    }
    const byEpisode = new Map<number, Record<string, unknown>[]>([...nFramesOf.keys()].map((key) => [key, []]));
    for (const row of rows) byEpisode.get(Number(row["episode"]))!.push(row);
    return new Map(
      [...nFramesOf].map(([episodeIndex, nFrames]) => {
        const own = byEpisode.get(episodeIndex)!;
        if (own.length !== nFrames)
          throw damagedStore(
            path,
            `${own.length} frames of episode ${episodeIndex}, its episode table promises ${nFrames}`,
          );
        const annotations = own.map((row, t): FrameAnnotation | undefined => {
          const where = `${path}, episode ${episodeIndex}, frame ${t}`;
          const current = migrate(row);
          const missing = ANNOTATION_COLUMNS.find(({ name }) => !(name in current));
          if (missing !== undefined) throw damagedStore(path, `no column "${missing.name}"`);
          return annotationFromRow(current, where);
        });
        const rawFrameIndex = Int32Array.from(own, (row) => Number(row["raw_frame"]));
        return [episodeIndex, { annotations, rawFrameIndex }];
      }),
    );
  }

  async #migrationOf(index: EpisodeIndex, path: string): Promise<(row: AnnotationRow) => AnnotationRow> {
    const known = this.#steps.get(path);
    if (known !== undefined) return known;
    let rows: Record<string, unknown>[];
    try {
      rows = await index.database.rows(
        `SELECT decode(value) AS value FROM parquet_kv_metadata(${sqlList([path])}) WHERE decode(key) = 'pixelvla'`,
      );
    } catch (cause) {
      throw damagedStore(path, firstLine(cause));
    }
    const version = storedVersion(rows[0]?.["value"]);
    const step = migrationFrom(version, path, this.#migrations);
    this.#steps.set(path, step);
    return step;
  }
}

/** Opens the annotations of a pixel dataset, or of the sidecar beside a dataset. @throws PVLA_PIXELS_MISSING */
export async function openAnnotations(root: string): Promise<AnnotationReader> {
  if (existsSync(join(root, ".pixelvla"))) return AnnotationReader.open(root);
  const beside = `${root.replace(/[\\/]+$/, "")}.annotations`;
  if (existsSync(join(beside, ".pixelvla"))) return AnnotationReader.open(beside);
  throw nothingThere(
    `Opening the annotations of ${root}`,
    `neither annotation columns nor a sidecar ${beside}`,
    "Annotate the dataset first",
  );
}

/** An episode's annotations with later edits of some frames on top. */
function withEdits(stored: StoredAnnotations, edited: StoredAnnotations): StoredAnnotations {
  const byFrame = new Map(Array.from(edited.rawFrameIndex, (raw, i) => [raw, edited.annotations[i]]));
  const annotations = stored.annotations.map((annotation, t) => {
    const raw = stored.rawFrameIndex[t]!;
    return byFrame.has(raw) ? byFrame.get(raw) : annotation;
  });
  return { annotations, rawFrameIndex: stored.rawFrameIndex };
}

const firstLine = (cause: unknown) => `it cannot be read (${(cause as Error).message.split("\n")[0] ?? ""})`;

/** Schema version of a file's own metadata; undefined where there is none or it makes no sense. */
function storedVersion(metadata: unknown): unknown {
  if (typeof metadata !== "string") return undefined;
  try {
    return (JSON.parse(metadata) as { annotationSchema?: unknown } | null)?.annotationSchema;
  } catch {
    return undefined;
  }
}
