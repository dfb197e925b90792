import type { CompressedRle } from "../masks/coco-rle.ts";
import type { PixelBox } from "../masks/mask.ts";

/** A point prompt in pixels, origin at the top-left corner of the image; `isObject` false marks background. */
export interface PointPrompt {
  readonly x: number;
  readonly y: number;
  readonly isObject: boolean;
}

/** A line prompt: 2 or more points `[x, y]` in pixels. */
export type LinePrompt = readonly (readonly [number, number])[];

/**
 * What a person said about an annotation: `corrected` means the mask was fixed by hand and then accepted, `hard` that it
 * cannot be judged or is to be kept apart as a hard case.
 */
export const REVIEW_DECISIONS = ["pending", "accepted", "corrected", "rejected", "hard"] as const;
export type ReviewDecision = (typeof REVIEW_DECISIONS)[number];

/** How the mask of a frame came about; `""` where nobody said. */
export const ANNOTATION_ORIGINS = ["", "detected", "tracked", "redetected", "manual"] as const;
export type AnnotationOrigin = (typeof ANNOTATION_ORIGINS)[number];

/** Measures of how far an annotation can be trusted. Undefined where not measured. */
export interface AnnotationQuality {
  /** IoU in 0..1 between the masks of two segmenters, or of two prompts to one. */
  readonly agreement: number | undefined;
  /** Share in 0..1 of the mask outside its largest connected piece. */
  readonly fragmentation: number | undefined;
  /** Distance from mask to gripper box at the close, in gripper sizes (0: they touch). */
  readonly gripperDistance: number | undefined;
  /** 0..1, how steadily area and place change from frame to frame. */
  readonly stability: number | undefined;
  /** 0..1, how well the detector's label fits the phrase. */
  readonly phraseMatch: number | undefined;
  /** 0 sure .. 1 no idea. */
  readonly doubt: number | undefined;
  /** What the doubt comes from, in words. */
  readonly doubtReason: string;
}

/** Everything known about the target object in one frame of one camera. Boxes and points are in that image's pixels. */
export interface FrameAnnotation {
  /** Key of the camera the pixels belong to. */
  readonly camera: string;
  /** Noun phrase that names the target. */
  readonly phrase: string;
  /** Undefined where the object is not visible or was not found. */
  readonly mask: CompressedRle | undefined;
  readonly box: PixelBox | undefined;
  readonly points: readonly PointPrompt[];
  readonly lines: readonly LinePrompt[];
  /** Overall confidence in 0..1. */
  readonly score: number;
  readonly detectorScore: number | undefined;
  readonly maskScore: number | undefined;
  readonly gripperBox: PixelBox | undefined;
  readonly gripperScore: number | undefined;
  /** Region proposal in which the target was sought. */
  readonly region: PixelBox | undefined;
  /** Which models made it, such as `"grounding-dino-tiny + sam2.1-small"`, and their versions or hashes. */
  readonly model: string;
  readonly modelVersion: string;
  readonly review: ReviewDecision;
  readonly origin: AnnotationOrigin;
  readonly quality: AnnotationQuality;
}

/** Nothing measured. */
export const NO_QUALITY: AnnotationQuality = {
  agreement: undefined,
  fragmentation: undefined,
  gripperDistance: undefined,
  stability: undefined,
  phraseMatch: undefined,
  doubt: undefined,
  doubtReason: "",
};

/** Annotations of one episode: entry `t` belongs to frame `t`; undefined where nothing was annotated. */
export type EpisodeAnnotations = readonly (FrameAnnotation | undefined)[];

/** Fills in what a partial annotation leaves open. */
export function frameAnnotation(
  given: Pick<FrameAnnotation, "camera" | "phrase" | "score" | "model" | "modelVersion"> & Partial<FrameAnnotation>,
): FrameAnnotation {
  return {
    mask: undefined,
    box: undefined,
    points: [],
    lines: [],
    detectorScore: undefined,
    maskScore: undefined,
    gripperBox: undefined,
    gripperScore: undefined,
    region: undefined,
    review: "pending",
    origin: "",
    quality: NO_QUALITY,
    ...given,
  };
}

/** Summary of an episode's annotations for lists and the review queue. */
export interface AnnotationSummary {
  readonly nAnnotated: number;
  readonly nWithMask: number;
  readonly meanScore: number;
  readonly minScore: number;
  /** 0 certain .. 1 no idea: what the review queue is sorted by. */
  readonly doubt: number;
  /** Why, in words, of the annotation doubted most; empty where nobody said. */
  readonly doubtReason: string;
  readonly phrase: string;
}

/**
 * Doubt of an episode: the average of (1 - mean score), (1 - lowest score) and the share of annotated frames without a
 * mask; 1 for an episode without annotations.
 */
export function summariseAnnotations(annotations: EpisodeAnnotations): AnnotationSummary {
  const present = annotations.filter((annotation) => annotation !== undefined);
  const nAnnotated = present.length;
  const phrase = present.find((annotation) => annotation.phrase !== "")?.phrase ?? "";
  const doubted = present.reduce<AnnotationQuality>(
    (most, { quality }) => ((quality.doubt ?? -1) > (most.doubt ?? -1) ? quality : most),
    NO_QUALITY,
  );
  const { doubtReason } = doubted;
  if (nAnnotated === 0) return { nAnnotated, nWithMask: 0, meanScore: 0, minScore: 0, doubt: 1, doubtReason, phrase };
  const nWithMask = present.filter((annotation) => annotation.mask !== undefined).length;
  const meanScore = present.reduce((sum, annotation) => sum + annotation.score, 0) / nAnnotated;
  const minScore = present.reduce((least, annotation) => Math.min(least, annotation.score), Infinity);
  const doubt = (1 - meanScore + (1 - minScore) + (1 - nWithMask / nAnnotated)) / 3;
  return { nAnnotated, nWithMask, meanScore, minScore, doubt: Math.min(Math.max(doubt, 0), 1), doubtReason, phrase };
}
