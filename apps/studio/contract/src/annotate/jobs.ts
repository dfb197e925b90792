import { z } from "zod";
import { workspacePathSchema } from "../datasets.ts";
import { launchSchema, type DoctorCheck, type RecipeItem, type RunRow } from "../runs.ts";
import { storeIdSchema } from "./review.ts";

/** Room "Annotate", jobs: launching them, watching them, and measuring what came out. */

/** An annotation job to launch. */
export const annotateLaunchSchema = z.strictObject({
  recipe: z.string().min(1).max(200).describe("Name from annotate.recipes"),
  datasetId: z.string().max(64),
  name: launchSchema.shape.name,
  overrides: launchSchema.shape.overrides,
  intoDataset: z
    .boolean()
    .default(false)
    .describe("Write into the dataset's own sidecar, where training reads it, instead of the job's folder"),
  launchOverFail: z.boolean().default(false),
});
export type AnnotateLaunch = z.output<typeof annotateLaunchSchema>;

/** A trusted set of masks to measure against: another store of the same dataset, or a file of another tool in the workspace. */
export const goldSchema = z.strictObject({
  storeId: storeIdSchema,
  gold: z.union([
    z.strictObject({ kind: z.literal("store"), storeId: storeIdSchema }),
    z.strictObject({
      kind: z.literal("file"),
      format: z.enum(["coco", "cvat", "label-studio", "masks"]),
      path: workspacePathSchema.min(1).describe("Relative to the workspace; for masks a folder of PNG files"),
    }),
  ]),
});
export type GoldRequest = z.output<typeof goldSchema>;

/** Episodes dropped for one cause. */
export interface FunnelCause {
  readonly cause: string;
  /** The cause in words. */
  readonly meaning: string;
  readonly nDropped: number;
  readonly share: number;
  readonly nLeft: number;
  readonly examples: readonly { readonly episodeIndex: number; readonly detail: string }[];
}

/** What went in, what was dropped for which cause, what is kept, as far as the job has come. */
export interface JobFunnel {
  readonly nIn: number;
  readonly nKept: number;
  readonly dropped: readonly FunnelCause[];
  readonly nFrames: number;
  readonly nFramesWithMask: number;
  readonly meanScore: number;
  readonly meanDoubt: number;
}

/** A thumbnail: the first episodes that were kept, and some of those dropped for each cause. */
export interface JobPreview {
  readonly episodeIndex: number;
  readonly task: string;
  readonly caption: string;
  /** Absent for kept episodes. */
  readonly cause?: string | undefined;
  /** Path in the job's directory, for `runFileUrl`. */
  readonly path: string;
}

/** What `annotate.job` yields, first at once and then whenever it is different. */
export interface JobView {
  readonly row: RunRow;
  readonly commands: readonly ("stop" | "pause" | "resume")[];
  readonly funnel: JobFunnel;
  readonly previews: readonly JobPreview[];
}

/** What one reviewer has decided; only what still counts of their own decisions. */
export interface ReviewerStats {
  readonly author: string;
  readonly nDecided: number;
  readonly accepted: number;
  readonly corrected: number;
  readonly rejected: number;
  readonly hard: number;
  readonly nTakenBack: number;
  readonly firstAt: string;
  readonly lastAt: string;
  /** Between two decisions of one sitting (less than five minutes apart), seconds; absent for fewer than two. */
  readonly medianSeconds?: number | undefined;
}

/** How far two reviewers agree on the episodes that both decided on: kept (accepted or fixed), rejected or hard. */
export interface ReviewerPair {
  readonly authors: readonly [string, string];
  readonly nBoth: number;
  /** Share of the same verdict, 0..1. */
  readonly agreement: number;
  /** Cohen's kappa: agreement beyond chance; absent where both always gave one and the same verdict. */
  readonly kappa?: number | undefined;
  /** Episodes on which they differ, at most 50. */
  readonly differ: readonly number[];
}

export interface ReviewersReport {
  readonly reviewers: readonly ReviewerStats[];
  readonly pairs: readonly ReviewerPair[];
}

/** Masks measured against a gold set, over the frames that both hold. */
export interface GoldReport {
  readonly nEpisodes: number;
  readonly nFrames: number;
  readonly meanIou: number;
  readonly medianIou: number;
  /** Share of frames with an IoU of at least 0.5 and 0.75. */
  readonly share50: number;
  readonly share75: number;
  /** Of the frames with a mask those in which gold has one, and the reverse; undefined where there is none. */
  readonly precision?: number | undefined;
  readonly recall?: number | undefined;
  /** Frames by IoU in ten equal steps of 0..1. */
  readonly histogram: readonly number[];
  /** How well doubt tells bad episodes (mean IoU below 0.5) from good ones: area under the ROC curve; undefined where all are one or the other. */
  readonly doubtAuroc?: number | undefined;
  /** Episodes, the worst first, at most 200. */
  readonly episodes: readonly {
    readonly episodeIndex: number;
    readonly meanIou: number;
    readonly nFrames: number;
    readonly doubt: number;
    readonly decision: string;
  }[];
}

export type GoldEvent =
  | { readonly kind: "progress"; readonly nDone: number; readonly nAll: number }
  | { readonly kind: "report"; readonly report: GoldReport };

/** What the host must provide for jobs and measures. */
export interface AnnotationJobService {
  recipes(): Promise<readonly RecipeItem[]>;
  check(request: AnnotateLaunch): Promise<readonly DoctorCheck[]>;
  launch(request: AnnotateLaunch): Promise<{ readonly runId: string }>;
  job(storeId: string, signal: AbortSignal): AsyncIterable<JobView>;
  reviewers(storeId: string): Promise<ReviewersReport>;
  score(request: GoldRequest, signal: AbortSignal): AsyncIterable<GoldEvent>;
}
