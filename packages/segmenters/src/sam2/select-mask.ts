import type { MaskDecoderConfig } from "./config.ts";

/** What the decoder gives for every mask token: token 0 is the single mask, the rest are the candidates. */
export interface DecodedMasks {
  /** Side of a mask in low resolution. */
  readonly side: number;
  /** `[M, side, side]` logits. */
  readonly masks: Float32Array;
  /** `[M]` */
  readonly iou: Float32Array;
  readonly objectScore: number;
  /** `[M, D]`, for video. */
  readonly pointers: Float32Array | undefined;
}

/** Logits `[side, side]` of one token's mask; a view. */
export const maskOf = ({ masks, side }: DecodedMasks, token: number): Float32Array =>
  masks.subarray(token * side * side, (token + 1) * side * side);

/** Tokens of the candidates. */
export const candidates = ({ iou }: DecodedMasks): number[] => Array.from({ length: iou.length - 1 }, (_, i) => i + 1);

/** The candidate of the highest estimated IoU. */
export function bestCandidate(decoded: DecodedMasks): number {
  return candidates(decoded).reduce((best, token) => (decoded.iou[token]! > decoded.iou[best]! ? token : best), 1);
}

/**
 * The token whose mask stands for a prompt that is not ambiguous: the single mask, unless it is unstable around its
 * threshold; then the best candidate.
 *
 * Source: transformers `_dynamic_multimask_via_stability`.
 */
export function singleMask(decoded: DecodedMasks, { stability }: Pick<MaskDecoderConfig, "stability">): number {
  if (stability === undefined) return 0;
  let inner = 0;
  let outer = 0;
  for (const logit of maskOf(decoded, 0)) {
    if (logit > stability.delta) inner++;
    if (logit > -stability.delta) outer++;
  }
  return outer === 0 || inner / outer >= stability.threshold ? 0 : bestCandidate(decoded);
}
