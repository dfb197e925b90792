import type { BinaryMask } from "@pixelvla/data";
import type { ImageFrame } from "../image/frame.ts";
import { resizeAndCrop, resizeAndThreshold, type FloatPlane } from "../image/resize-plane.ts";

/**
 * A rough mask of the picture as the logits a mask prompt consists of, `[side, side]`: the share of each cell that the mask
 * covers, from -`logit` (none; also the padding) to `logit` (all).
 */
export function maskPromptLogits(mask: BinaryMask, frame: ImageFrame, side: number, logit: number): Float32Array {
  const columns = coverage(frame.widthPx, (frame.contentWidth * side) / frame.width, side);
  const rows = coverage(frame.heightPx, (frame.contentHeight * side) / frame.height, side);
  const covered = new Float32Array(side * side);
  const line = new Float32Array(side);
  for (let y = 0; y < mask.heightPx; y++) {
    line.fill(0);
    for (let x = 0, i = y * mask.widthPx; x < mask.widthPx; x++, i++) {
      if (mask.data[i] === 0) continue;
      for (const { cell, share } of columns[x]!) line[cell] = line[cell]! + share;
    }
    for (const { cell, share } of rows[y]!)
      for (let x = 0; x < side; x++) covered[cell * side + x] = covered[cell * side + x]! + share * line[x]!;
  }
  return covered.map((share) => (2 * Math.min(share, 1) - 1) * logit);
}

interface CellShare {
  readonly cell: number;
  /** Part of the cell, along this axis, that the pixel covers. */
  readonly share: number;
}

/** For each of `from` pixels stretched over `length` cells: the cells it lies in. */
function coverage(from: number, length: number, side: number): CellShare[][] {
  return Array.from({ length: from }, (_, i) => {
    const [start, end] = [(i * length) / from, ((i + 1) * length) / from];
    const shares: CellShare[] = [];
    for (let cell = Math.floor(start); cell < Math.min(side, Math.ceil(end)); cell++)
      shares.push({ cell, share: Math.min(end, cell + 1) - Math.max(start, cell) });
    return shares;
  });
}

/**
 * Low-resolution logits as a mask of the picture: up to the model's input, padding cut off, to the picture's size, then
 * `> threshold`. Two bilinear steps, as transformers' `post_process_masks`.
 */
export function fullMask(logits: FloatPlane, frame: ImageFrame, threshold: number): BinaryMask {
  const { widthPx, heightPx } = frame;
  const content = resizeAndCrop(logits, frame.width, frame.height, frame.contentWidth, frame.contentHeight);
  return { widthPx, heightPx, data: resizeAndThreshold(content, widthPx, heightPx, threshold) };
}
