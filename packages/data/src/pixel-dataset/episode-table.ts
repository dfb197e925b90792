import type { SchemaElement } from "hyparquet";
import { leaf, listElements } from "./columns.ts";
import type { FeatureStatistics } from "./feature-statistics.ts";
import { STATISTIC_NAMES } from "./feature-statistics.ts";
import { cameraFeature, filePaths, type PixelLayout } from "./layout.ts";
import type { ColumnValues } from "./parquet-file.ts";
import type { PendingEpisode } from "./pixel-episode.ts";

/** One row of `meta/episodes`: an episode with the place of its frames and its statistics. */
export interface EpisodeRow {
  readonly pending: PendingEpisode;
  readonly episodeIndex: number;
  /** Global index of its first frame. */
  readonly firstIndex: number;
  readonly statistics: ReadonlyMap<string, FeatureStatistics>;
}

/**
 * Schema and values of a file of the episode table. LeRobot's columns first, then ours, which its loaders carry along:
 * `source_key`, `split`, `annotation/*` (summary), `raw/*` (signals of all recorded frames).
 */
export function episodeTable(
  layout: PixelLayout,
  fileIndex: number,
  rows: readonly EpisodeRow[],
): { schema: SchemaElement[]; columns: ColumnValues[] } {
  const schema: SchemaElement[] = [];
  const columns: ColumnValues[] = [];
  const plain = (name: string, dtype: "int64" | "float64" | "string", value: (row: EpisodeRow) => unknown) => {
    schema.push(leaf(name, dtype));
    columns.push({ name, data: rows.map((row) => (dtype === "int64" ? BigInt(value(row) as number) : value(row))) });
  };
  const list = (
    name: string,
    dtype: "int64" | "float32" | "float64" | "string",
    value: (row: EpisodeRow) => readonly unknown[] | undefined,
  ) => {
    schema.push(...listElements(name, leaf("element", dtype)));
    columns.push({
      name,
      data: rows.map((row) => (dtype === "int64" ? value(row)?.map((v) => BigInt(v as number)) : value(row))),
    });
  };
  const { chunk, file } = filePaths(fileIndex);
  plain("episode_index", "int64", (row) => row.episodeIndex);
  list("tasks", "string", ({ pending }) => [pending.task]);
  plain("length", "int64", ({ pending }) => pending.nFrames);
  plain("data/chunk_index", "int64", () => chunk);
  plain("data/file_index", "int64", () => file);
  plain("dataset_from_index", "int64", (row) => row.firstIndex);
  plain("dataset_to_index", "int64", (row) => row.firstIndex + row.pending.nFrames);
  if (layout.images !== "stored")
    for (const { key } of layout.cameras) {
      const feature = cameraFeature(key);
      plain(`videos/${feature}/chunk_index`, "int64", () => chunk);
      plain(`videos/${feature}/file_index`, "int64", () => file);
      plain(`videos/${feature}/from_timestamp`, "float64", ({ pending }) => pending.firstVideoFrame / layout.fps);
      plain(
        `videos/${feature}/to_timestamp`,
        "float64",
        ({ pending }) => (pending.firstVideoFrame + pending.nFrames) / layout.fps,
      );
    }
  plain("meta/episodes/chunk_index", "int64", () => chunk);
  plain("meta/episodes/file_index", "int64", () => file);
  for (const feature of rows[0]?.statistics.keys() ?? []) {
    for (const name of STATISTIC_NAMES)
      list(`stats/${feature}/${name}`, "float64", (row) => row.statistics.get(feature)![name]);
    list(`stats/${feature}/count`, "int64", (row) => row.statistics.get(feature)!.count);
  }
  plain("source_key", "string", ({ pending }) => pending.key);
  plain("split", "string", ({ pending }) => pending.split);
  plain("annotation/n_annotated", "int64", ({ pending }) => pending.summary.nAnnotated);
  plain("annotation/n_with_mask", "int64", ({ pending }) => pending.summary.nWithMask);
  plain("annotation/mean_score", "float64", ({ pending }) => pending.summary.meanScore);
  plain("annotation/min_score", "float64", ({ pending }) => pending.summary.minScore);
  plain("annotation/doubt", "float64", ({ pending }) => pending.summary.doubt);
  plain("annotation/doubt_reason", "string", ({ pending }) => pending.summary.doubtReason);
  plain("annotation/phrase", "string", ({ pending }) => pending.summary.phrase);
  plain("raw/n_frames", "int64", ({ pending }) => pending.nRawFrames);
  list("raw/gripper", "float32", ({ pending }) => optionalList(pending.rawGripper));
  list("raw/gripper_command", "float32", ({ pending }) => optionalList(pending.rawGripperCommand));
  list("raw/opening", "float32", ({ pending }) => optionalList(pending.rawOpening));
  return { schema, columns };
}

const optionalList = (values: Float32Array | undefined) => (values === undefined ? undefined : Array.from(values));
