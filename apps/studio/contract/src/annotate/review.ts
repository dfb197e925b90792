import { z } from "zod";
import { episodeSchema, type Problem } from "../datasets.ts";
import type { RunState } from "../runs.ts";

/**
 * Room "Annotate", reviewing: a store is a folder of annotations, that of an annotation job or of a dataset itself.
 *
 * Everything is in pixels of the annotated camera's image, origin at its top-left corner. Masks cross the wire as compressed COCO RLE.
 */

/** Opaque, stable name of a store: the run id of its job, or the id of its dataset. */
export const storeIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,95}$/, "a store id from annotate.stores");

/** What counts for an episode now; `corrected`: its mask was fixed by a person. */
export const reviewDecisions = ["pending", "accepted", "corrected", "rejected", "hard"] as const;
export type ReviewDecision = (typeof reviewDecisions)[number];

const wholeSchema = z.int().nonnegative();
const pixelSchema = z.number().min(-100_000).max(100_000);

/** A mask as COCO's compressed run lengths, `size` [H, W]. */
export const wireMaskSchema = z.strictObject({
  size: z.tuple([z.int().min(1).max(16_384), z.int().min(1).max(16_384)]),
  counts: z.string().max(500_000),
});
export type WireMask = z.output<typeof wireMaskSchema>;

export const storeSchema = z.strictObject({ storeId: storeIdSchema });
export const itemSchema = z.strictObject({ storeId: storeIdSchema, episodeIndex: episodeSchema.shape.episodeIndex });

/** One page of the review queue. */
export const queueQuerySchema = z.strictObject({
  storeId: storeIdSchema,
  search: z.string().max(200).default("").describe("Part of the instruction or phrase"),
  decisions: z.array(z.enum(reviewDecisions)).max(reviewDecisions.length).default([]).describe("Any of; empty: all"),
  sort: z.enum(["doubt", "episode", "score", "frames"]).default("doubt"),
  direction: z.enum(["ascending", "descending"]).default("descending"),
  page: wholeSchema.default(0),
  pageSize: z.int().min(1).max(500).default(100),
});
export type QueueQuery = z.output<typeof queueQuerySchema>;

const authorSchema = z
  .string()
  .trim()
  .min(1)
  .max(80)
  // eslint-disable-next-line no-control-regex -- names are kept in line-based files
  .regex(/^[^\u0000-\u001f\u007f]+$/, "a name without line breaks");

/** A decision. Deciding the same again by the same author changes nothing, so it may be sent twice. */
export const decideSchema = z.strictObject({
  ...itemSchema.shape,
  decision: z.enum(["accepted", "rejected", "hard"]),
  author: authorSchema,
  note: z.string().max(2000).default(""),
});
export type DecideRequest = z.output<typeof decideSchema>;

/** Takes back the decision of that id; if another counts by now, nothing happens. */
export const undoSchema = z.strictObject({
  ...itemSchema.shape,
  author: authorSchema,
  reviewId: z.string().min(1).max(80),
});
export type UndoRequest = z.output<typeof undoSchema>;

const pointSchema = z.strictObject({ x: pixelSchema, y: pixelSchema, isObject: z.boolean() });
const boxSchema = z.strictObject({ x0: pixelSchema, y0: pixelSchema, x1: pixelSchema, y1: pixelSchema });

/** Which models answer: the embedded ones, which need no download, or those of the job's recipe. */
export const modelChoiceSchema = z.enum(["embedded", "recipe"]);
export type ModelChoice = z.output<typeof modelChoiceSchema>;

/** What a person has drawn on a frame so far. */
export const segmentSchema = z.strictObject({
  ...itemSchema.shape,
  frameIndex: wholeSchema,
  models: modelChoiceSchema.default("embedded"),
  points: z.array(pointSchema).max(200).default([]),
  box: boxSchema.optional(),
  lines: z
    .array(
      z
        .array(z.tuple([pixelSchema, pixelSchema]))
        .min(2)
        .max(500),
    )
    .max(50)
    .default([])
    .describe("Strokes along the object"),
  mask: wireMaskSchema.optional().describe("A rough mask to refine"),
});
export type SegmentRequest = z.output<typeof segmentSchema>;

/** Carries a mask from a frame through the episode. */
export const propagateSchema = z.strictObject({
  ...itemSchema.shape,
  frameIndex: wholeSchema,
  models: modelChoiceSchema.default("embedded"),
  mask: wireMaskSchema,
  direction: z.enum(["forward", "backward", "both"]),
});
export type PropagateRequest = z.output<typeof propagateSchema>;

/** Frames of an episode with their new masks; frames left out stay as they are. */
export const fixSchema = z.strictObject({
  ...itemSchema.shape,
  fixId: z.uuid().describe("Made by the sender; the same id is stored once"),
  author: authorSchema,
  note: z.string().max(2000).default(""),
  frames: z
    .array(
      z.strictObject({
        frameIndex: wholeSchema,
        mask: wireMaskSchema.nullable().describe("null: the object is not to be seen"),
        origin: z.enum(["manual", "tracked", "redetected"]),
        score: z.number().min(0).max(1),
      }),
    )
    .min(1)
    .max(20_000),
  models: z.string().max(500).default("").describe("What made the masks, kept as provenance"),
});
export type FixRequest = z.output<typeof fixSchema>;

/** One store in the list. */
export interface StoreItem {
  readonly storeId: string;
  readonly name: string;
  readonly kind: "job" | "dataset";
  readonly datasetId: string;
  readonly datasetName: string;
  /** The job's, where it is one. */
  readonly runId?: string | undefined;
  readonly state?: RunState | undefined;
  readonly recipe?: string | undefined;
  /** Name of the recipe's segmenter. */
  readonly segmenter?: string | undefined;
  /** Why it cannot be reviewed, if so. */
  readonly problem?: Problem | undefined;
}

/** Counts of a store. */
export interface StoreCounts {
  readonly nEpisodes: number;
  readonly nFrames: number;
  readonly nFramesWithMask: number;
  readonly meanScore: number;
  readonly decisions: Readonly<Record<ReviewDecision, number>>;
  /** Episodes by doubt in ten equal steps of 0..1. */
  readonly doubtHistogram: readonly number[];
}

/** One line of the review queue. */
export interface QueueRow {
  readonly episodeIndex: number;
  readonly task: string;
  readonly phrase: string;
  readonly split: string;
  readonly nFrames: number;
  readonly nWithMask: number;
  readonly meanScore: number;
  readonly doubt: number;
  readonly doubtReason: string;
  readonly decision: ReviewDecision;
  readonly author: string;
  /** ISO 8601; empty while pending. */
  readonly decidedAt: string;
  /** Id of the decision that counts, for undoing it. */
  readonly reviewId?: string | undefined;
}

export interface QueuePage {
  readonly rows: readonly QueueRow[];
  readonly nMatched: number;
  readonly nTotal: number;
}

/** Measures of one frame; undefined where not measured. */
export interface FrameQuality {
  readonly agreement?: number | undefined;
  readonly fragmentation?: number | undefined;
  readonly gripperDistance?: number | undefined;
  readonly stability?: number | undefined;
  readonly phraseMatch?: number | undefined;
  readonly doubt?: number | undefined;
  readonly doubtReason: string;
}

/** The annotation of one frame. */
export interface ItemFrame {
  readonly frameIndex: number;
  readonly mask?: WireMask | undefined;
  readonly box?: readonly [x0: number, y0: number, x1: number, y1: number] | undefined;
  readonly points: readonly { readonly x: number; readonly y: number; readonly isObject: boolean }[];
  readonly lines: readonly (readonly (readonly [number, number])[])[];
  readonly gripperBox?: readonly [number, number, number, number] | undefined;
  readonly region?: readonly [number, number, number, number] | undefined;
  readonly origin: "" | "detected" | "tracked" | "redetected" | "manual";
  readonly score: number;
  readonly detectorScore?: number | undefined;
  readonly maskScore?: number | undefined;
  readonly quality: FrameQuality;
}

/** One event of an episode's review history, oldest first. */
export interface HistoryEvent {
  readonly id: string;
  readonly time: string;
  readonly author: string;
  /** null for an undo. */
  readonly decision: ReviewDecision | null;
  readonly note: string;
  readonly undoes: string | null;
}

/** Everything the reviewer sees of one episode. */
export interface ReviewItem {
  readonly row: QueueRow;
  readonly datasetId: string;
  /** Of the dataset; part of the pictures' URLs. */
  readonly revision: string;
  readonly camera: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly nFrames: number;
  readonly keyFrameIndex: number;
  readonly model: string;
  readonly modelVersion: string;
  /** Annotated frames, by rising index. */
  readonly frames: readonly ItemFrame[];
  readonly history: readonly HistoryEvent[];
}

/** What a decision, an undo or a fix came to. */
export interface DecisionOutcome {
  readonly row: QueueRow;
  readonly history: readonly HistoryEvent[];
}

/** A live answer of the segmenter. */
export interface SegmentAnswer {
  readonly mask: WireMask;
  readonly score: number;
  readonly model: string;
  /** Time the picture took to encode, 0 when it was encoded before, and the prompt to decode; ms. */
  readonly encodeMs: number;
  readonly decodeMs: number;
}

/** One frame that a mask was carried to. */
export interface PropagatedFrame {
  readonly frameIndex: number;
  /** Absent where the object was lost. */
  readonly mask?: WireMask | undefined;
  readonly origin: "tracked" | "redetected";
  readonly score: number;
}

/** What `annotate.propagate` yields. */
export type PropagateEvent =
  | { readonly kind: "frame"; readonly frame: PropagatedFrame; readonly nDone: number; readonly nAll: number }
  | { readonly kind: "end"; readonly model: string };

/** What the host must provide for reviewing. */
export interface ReviewService {
  reviewer(): { readonly author: string };
  stores(): Promise<readonly StoreItem[]>;
  counts(storeId: string): Promise<StoreCounts>;
  queue(query: QueueQuery): Promise<QueuePage>;
  item(storeId: string, episodeIndex: number): Promise<ReviewItem>;
  decide(request: DecideRequest): Promise<DecisionOutcome>;
  undo(request: UndoRequest): Promise<DecisionOutcome>;
  segment(request: SegmentRequest): Promise<SegmentAnswer>;
  propagate(request: PropagateRequest, signal: AbortSignal): AsyncIterable<PropagateEvent>;
  fix(request: FixRequest): Promise<DecisionOutcome>;
}
