import type { PixelBox } from "@pixelvla/data";

/** Raw predictions of one text: `logits` `[Q, T]`, `boxes` `[Q, 4]` centre and size as parts of the picture. */
export interface RawPredictions {
  readonly logits: Float32Array;
  readonly boxes: Float32Array;
  /** `T`, padding included. */
  readonly length: number;
  /** Tokens of the text; columns beyond them are padding. */
  readonly nTokens: number;
}

/** A query that passed the threshold. */
export interface KeptQuery {
  /** Largest probability over all tokens. */
  readonly score: number;
  /** Probability of each token, `[nTokens]`. */
  readonly probabilities: Float64Array;
  /** In pixels of a picture of the given size, not cut to it. */
  readonly box: PixelBox;
}

/**
 * Queries whose score passes `threshold`, in the model's order, boxes scaled to the picture.
 *
 * Source: transformers' `GroundingDinoProcessor.post_process_grounded_object_detection`.
 */
export function keepQueries(
  { logits, boxes, length, nTokens }: RawPredictions,
  threshold: number,
  widthPx: number,
  heightPx: number,
): KeptQuery[] {
  const kept: KeptQuery[] = [];
  for (let q = 0; q * 4 < boxes.length; q++) {
    const row = logits.subarray(q * length, q * length + nTokens);
    const probabilities = Float64Array.from(row, (x) => 1 / (1 + Math.exp(-x)));
    const score = probabilities.reduce((most, p) => Math.max(most, p), 0);
    if (!(score > threshold)) continue;
    const [x, y, w, h] = boxes.subarray(q * 4, q * 4 + 4) as unknown as [number, number, number, number];
    const box = {
      x0: (x - w / 2) * widthPx,
      y0: (y - h / 2) * heightPx,
      x1: (x + w / 2) * widthPx,
      y1: (y + h / 2) * heightPx,
    };
    kept.push({ score, probabilities, box });
  }
  return kept;
}

/** Ids of the tokens a query stands for; the first and the model's last place never count, as in transformers. */
export function tokensOf(query: KeptQuery, ids: readonly number[], textThreshold: number, maxTokens: number): number[] {
  return ids.filter((_, i) => i > 0 && i < maxTokens - 1 && query.probabilities[i]! > textThreshold);
}

/** Index of the phrase whose best token a query is surest of; -1 for a text without words. */
export function phraseOfQuery(query: KeptQuery, phraseOf: readonly number[]): number {
  let best = -1;
  let most = -1;
  phraseOf.forEach((phrase, i) => {
    if (phrase < 0 || query.probabilities[i]! <= most) return;
    most = query.probabilities[i]!;
    best = phrase;
  });
  return best;
}

/** Drops of every two boxes of one label that overlap by more than `iou` the one with the lesser score; best first. */
export function suppressOverlaps<D extends { readonly box: PixelBox; readonly score: number; readonly label: string }>(
  detections: readonly D[],
  iou: number,
): D[] {
  const kept: D[] = [];
  for (const candidate of [...detections].sort((a, b) => b.score - a.score)) {
    const covered = kept.some((k) => k.label === candidate.label && boxIou(k.box, candidate.box) > iou);
    if (!covered) kept.push(candidate);
  }
  return kept;
}

function boxIou(a: PixelBox, b: PixelBox): number {
  const overlap = (from: number, to: number) => Math.max(0, to - from);
  const shared =
    overlap(Math.max(a.x0, b.x0), Math.min(a.x1, b.x1)) * overlap(Math.max(a.y0, b.y0), Math.min(a.y1, b.y1));
  const area = (box: PixelBox) => (box.x1 - box.x0) * (box.y1 - box.y0);
  const union = area(a) + area(b) - shared;
  return union > 0 ? shared / union : 0;
}
