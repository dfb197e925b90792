import type { PixelBox } from "@pixelvla/data";

/** A box with a score; `index` says where in the model's output it came from. */
export interface ScoredBox {
  readonly box: PixelBox;
  readonly score: number;
  readonly classId: number;
  readonly index: number;
}

export function boxIou(a: PixelBox, b: PixelBox): number {
  const width = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const height = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  if (width <= 0 || height <= 0) return 0;
  const area = ({ x0, y0, x1, y1 }: PixelBox) => (x1 - x0) * (y1 - y0);
  return (width * height) / (area(a) + area(b) - width * height);
}

/** Keeps the best of boxes that overlap by more than `limit`, whatever their class; best first. */
export function suppressed(boxes: readonly ScoredBox[], limit: number): ScoredBox[] {
  const kept: ScoredBox[] = [];
  for (const one of [...boxes].sort((a, b) => b.score - a.score))
    if (kept.every(({ box }) => boxIou(box, one.box) <= limit)) kept.push(one);
  return kept;
}

/** Cuts a box to a picture. */
export function within({ x0, y0, x1, y1 }: PixelBox, widthPx: number, heightPx: number): PixelBox {
  const clamp = (value: number, limit: number) => Math.min(Math.max(value, 0), limit);
  return { x0: clamp(x0, widthPx), y0: clamp(y0, heightPx), x1: clamp(x1, widthPx), y1: clamp(y1, heightPx) };
}
