import type { BinaryMask, RgbImage } from "@pixelvla/data";
import type { SegmentPrompt } from "@pixelvla/segmenters";

/** A picture and what was drawn on it, in its pixels. */
export interface MaskQuestion {
  /** Names the pixels; a picture that was encoded before need not be sent again. */
  readonly key: string;
  readonly image: RgbImage;
  readonly prompt: SegmentPrompt;
}

export interface MaskReply {
  readonly mask: BinaryMask;
  readonly score: number;
  readonly model: string;
  readonly encodeMs: number;
  readonly segmentMs: number;
}

/** Methods of the thread that segments. */
export interface MaskMethods {
  readonly segment: (question: MaskQuestion) => Promise<MaskReply>;
  readonly [method: string]: (question: never) => unknown;
}
