import type { AnnotationRecipe } from "@pixelvla/annotator";
import type { BinaryMask, CompressedRle, PixelBox, PointPrompt } from "@pixelvla/data";

/** Which models to open. Plain data: the thread opens them and keeps the ones used last. */
export interface Models {
  readonly recipe: AnnotationRecipe;
  readonly modelsDir: string | undefined;
}

/** Which frame of which dataset; the thread reads the picture itself. */
export interface FramePlace {
  readonly datasetRoot: string;
  readonly indexDir: string;
  readonly episodeIndex: number;
  readonly frameIndex: number;
  readonly camera: string;
}

/** What the segmenter thread is asked. */
export type SegmentQuestion =
  | {
      readonly kind: "segment";
      readonly models: Models;
      readonly place: FramePlace;
      readonly prompt: {
        readonly points: readonly PointPrompt[];
        readonly box: PixelBox | undefined;
        readonly mask: BinaryMask | undefined;
      };
    }
  | {
      readonly kind: "propagate";
      readonly models: Models;
      readonly place: FramePlace;
      readonly mask: BinaryMask;
      readonly phrase: string;
      readonly directions: readonly ("forward" | "backward")[];
    };

export type SegmentRequestMessage =
  { readonly id: number; readonly question: SegmentQuestion } | { readonly id: number; readonly cancel: true };

/** Answer to `segment`. */
export interface SegmentedMask {
  readonly mask: CompressedRle;
  readonly score: number;
  readonly model: string;
  readonly encodeMs: number;
  readonly decodeMs: number;
}

/** One frame of `propagate`. */
export interface CarriedMask {
  readonly frameIndex: number;
  readonly mask: CompressedRle | undefined;
  readonly origin: "tracked" | "redetected";
  readonly score: number;
}

export type SegmentReply = { readonly id: number } & (
  | { readonly segmented: SegmentedMask }
  | { readonly carried: CarriedMask }
  | { readonly end: { readonly model: string } }
  | {
      readonly failure: {
        readonly code: string | undefined;
        readonly message: string;
        readonly fix: string | undefined;
      };
    }
);
