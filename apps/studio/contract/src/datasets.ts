import { z } from "zod";

/**
 * Room "Datasets": what the renderer may ask about datasets.
 *
 * Letters: T frames of an episode, S state width, A action width.
 */

/** Opaque, stable name of a dataset in URLs: its folder's name and a hash of its path. Never a path. */
export const datasetIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "a dataset id from datasets.list");

/** A path inside the workspace, `/`-separated and relative to it; empty for the workspace itself. */
export const workspacePathSchema = z.string().max(1024);

/** Whether an episode carries annotations, and what a reviewer decided about them. */
export const annotationStates = ["none", "annotated", "accepted", "rejected", "hard"] as const;
export type AnnotationState = (typeof annotationStates)[number];

/** Which episodes; every given condition must hold. */
export const episodeFilterSchema = z.strictObject({
  search: z
    .string()
    .max(200)
    .default("")
    .describe("Words that must all occur in the task, any case; a bare number also finds that episode"),
  tasks: z.array(z.string().max(2000)).max(200).default([]).describe("Exact instructions, any of"),
  splits: z.array(z.string().max(200)).max(50).default([]),
  annotation: z.array(z.enum(annotationStates)).max(annotationStates.length).default([]),
  minFrames: z.int().nonnegative().optional(),
  maxFrames: z.int().nonnegative().optional(),
});

/** One page of episodes: at most 500 rows of those the filter keeps. */
export const episodeQuerySchema = z.strictObject({
  datasetId: datasetIdSchema,
  filter: episodeFilterSchema.prefault({}),
  sort: z
    .strictObject({
      by: z.enum(["episodeIndex", "nFrames", "task", "split", "annotation"]).default("episodeIndex"),
      direction: z.enum(["ascending", "descending"]).default("ascending"),
    })
    .prefault({}),
  offset: z.int().nonnegative().default(0),
  limit: z.int().min(1).max(500).default(100),
});

/** Which dataset. */
export const datasetSchema = z.strictObject({ datasetId: datasetIdSchema });
/** Which folder of the workspace. */
export const folderSchema = z.strictObject({ path: workspacePathSchema.default("") });
/** Which episode of which dataset. */
export const episodeSchema = z.strictObject({ datasetId: datasetIdSchema, episodeIndex: z.int().nonnegative() });
/** Which dataset and which of its episodes to count. */
export const facetSchema = z.strictObject({ datasetId: datasetIdSchema, filter: episodeFilterSchema.prefault({}) });

export type EpisodeFilter = z.output<typeof episodeFilterSchema>;
export type EpisodeQuery = z.output<typeof episodeQuerySchema>;

/** A code and sentence of something that went wrong, for display. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** What to do, where the message has a remedy. */
  readonly fix?: string;
}

/** One line of the list of datasets. Counts are undefined until the dataset was opened. */
export interface DatasetListItem {
  readonly datasetId: string;
  readonly name: string;
  /** Relative to the workspace, or the absolute path of a folder named with `--dataset`. */
  readonly path: string;
  readonly format?: string | undefined;
  readonly nEpisodes?: number | undefined;
  readonly nFrames?: number | undefined;
  readonly problem?: Problem | undefined;
}

/** One entry of a folder in the workspace. */
export interface FolderEntry {
  readonly name: string;
  /** Relative to the workspace; give it to `datasets.open` or `datasets.folders`. */
  readonly path: string;
  readonly kind: "folder" | "dataset";
}

/** One camera; `url` in `@pixelvla/studio-contract/urls` takes its `key`. */
export interface CameraDetail {
  readonly key: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly isPrimary: boolean;
}

/** What is known about an open dataset. */
export interface DatasetDetail {
  readonly datasetId: string;
  readonly name: string;
  readonly path: string;
  readonly format: string;
  readonly version: string;
  /** Changes when the files change; part of every picture's URL, so pictures may be cached for good. */
  readonly revision: string;
  readonly fps?: number | undefined;
  readonly cameras: readonly CameraDetail[];
  readonly primaryCamera?: string | undefined;
  readonly stateNames: readonly string[];
  readonly actionNames: readonly string[];
  readonly standardisation: string;
  readonly splits: readonly string[];
  readonly nEpisodes: number;
  readonly nEpisodesDeclared: number;
  readonly nFrames?: number | undefined;
  readonly missingFiles: readonly string[];
  readonly damage: readonly Problem[];
  readonly hasAnnotations: boolean;
}

/** One row of the episode grid. */
export interface EpisodeRow {
  readonly episodeIndex: number;
  readonly split: string;
  readonly nFrames: number;
  readonly task: string;
  readonly annotation: AnnotationState;
}

/** One page of rows; "1,204 of 160,000 episodes" is `nMatched` of `nTotal`. */
export interface EpisodePage {
  readonly rows: readonly EpisodeRow[];
  readonly nMatched: number;
  readonly nTotal: number;
  /** False while a large dataset is still being listed: ask again in a second. */
  readonly isComplete: boolean;
}

/** A value and how many of the matched episodes have it. */
export interface FacetCount {
  readonly value: string;
  readonly n: number;
}

/** A histogram: bin i counts values in [edges[i], edges[i + 1]), the last bin includes its upper edge. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Counts to filter by, over the episodes the filter keeps. */
export interface EpisodeFacets {
  readonly nMatched: number;
  readonly nTotal: number;
  readonly splits: readonly FacetCount[];
  readonly annotation: readonly FacetCount[];
  /** The 200 most frequent instructions. */
  readonly tasks: readonly FacetCount[];
  readonly nTasks: number;
  readonly lengths: Histogram;
}

/** Everything of one episode but its pictures. Arrays are row-major. */
export interface EpisodeDetail {
  readonly datasetId: string;
  readonly episodeIndex: number;
  readonly split: string;
  readonly task: string;
  readonly annotation: AnnotationState;
  readonly file: string;
  /** T: frames after standardisation; every `frameIndex` counts these. */
  readonly nFrames: number;
  /** Frames as recorded. */
  readonly nRawFrames: number;
  readonly fps?: number | undefined;
  readonly stateNames: readonly string[];
  readonly actionNames: readonly string[];
  /** `[T, S]` */
  readonly state: readonly number[];
  /** `[T, A]`, standardised: metres, radians, gripper 1 open. */
  readonly action: readonly number[];
  /** `[T]` recorded frame of each frame. */
  readonly rawFrameIndex: readonly number[];
  /** `[T]` seconds. */
  readonly timestampS: readonly number[];
  readonly effector: EffectorPath;
  /** First frame at which the gripper is commanded closed after being open; undefined where it never is. */
  readonly closeFrameIndex?: number | undefined;
  /** Episodes before and after in the dataset's own order. */
  readonly previous?: number | undefined;
  readonly next?: number | undefined;
}

/** Where the end effector is at each frame. */
export interface EffectorPath {
  /** `"state"`: measured position, base frame. `"action"`: sum of the commanded deltas, from the origin. */
  readonly source: "state" | "action";
  /** `[T, 3]` metres. */
  readonly position: readonly number[];
  /** `[T]` 1 open .. 0 closed. */
  readonly gripper: readonly number[];
}

/** A point in image fractions: x, y in [0, 1]. */
export interface PromptPoint {
  readonly x: number;
  readonly y: number;
  readonly isPositive: boolean;
}

/** Annotations of one frame, coordinates in image fractions. */
export interface FrameAnnotation {
  readonly frameIndex: number;
  /** `[x0, y0, x1, y1]` */
  readonly box?: readonly number[] | undefined;
  readonly points: readonly PromptPoint[];
  /** Each line `[x0, y0, x1, y1, …]`, two or more points. */
  readonly lines: readonly (readonly number[])[];
  readonly confidence?: number | undefined;
  readonly hasMask: boolean;
}

/** Annotations of an episode's primary camera. */
export interface EpisodeAnnotation {
  readonly targetPhrase: string;
  readonly state: AnnotationState;
  readonly camera: string;
  readonly confidence?: number | undefined;
  readonly provenance: string;
  readonly frames: readonly FrameAnnotation[];
}

/** Range and spread of one action or state dimension. */
export interface DimensionStatistics {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  readonly q01: number;
  readonly q99: number;
  readonly histogram: Histogram;
}

/** An episode worth a look, and why. */
export interface Outlier {
  readonly episodeIndex: number;
  readonly task: string;
  readonly kind: "still" | "jerky" | "short" | "long" | "unlabelled";
  /** Larger is stranger; comparable within a kind only. */
  readonly score: number;
  readonly reason: string;
}

/** The statistics page. */
export interface DatasetStatistics {
  /** Episodes whose actions were read; evenly spread over the dataset where it is large. */
  readonly nEpisodesRead: number;
  readonly nEpisodes: number;
  readonly nFramesRead: number;
  readonly lengths: Histogram;
  readonly lengthQuantiles: {
    readonly min: number;
    readonly q25: number;
    readonly median: number;
    readonly q75: number;
    readonly max: number;
  };
  readonly nTasks: number;
  readonly tasks: readonly FacetCount[];
  readonly actions: readonly DimensionStatistics[];
  readonly states: readonly DimensionStatistics[];
  readonly outliers: readonly Outlier[];
}

/** What `datasets.statistics` yields: progress, then one result. */
export type StatisticsEvent =
  | {
      readonly kind: "progress";
      readonly done: number;
      readonly total: number;
      readonly ratePerS: number;
      readonly etaS: number;
    }
  | { readonly kind: "result"; readonly statistics: DatasetStatistics };

/** What the host must provide for the room. Every method may reject with a `PixelVlaError`. */
export interface DatasetService {
  list(): Promise<readonly DatasetListItem[]>;
  folders(path: string): Promise<readonly FolderEntry[]>;
  open(path: string): Promise<DatasetDetail>;
  get(datasetId: string): Promise<DatasetDetail>;
  episodes(query: EpisodeQuery): Promise<EpisodePage>;
  facets(datasetId: string, filter: EpisodeFilter): Promise<EpisodeFacets>;
  episode(datasetId: string, episodeIndex: number): Promise<EpisodeDetail>;
  annotation(datasetId: string, episodeIndex: number): Promise<EpisodeAnnotation | null>;
  statistics(datasetId: string, signal: AbortSignal): AsyncIterable<StatisticsEvent>;
}
