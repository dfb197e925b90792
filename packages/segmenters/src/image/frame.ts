import type { PixelBox } from "@pixelvla/data";

/** How a picture lies in a model's input: scaled to `contentWidth` x `contentHeight`, top left, the rest padding. */
export interface ImageFrame {
  /** The picture. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** The picture within the model's input, in the model's pixels. */
  readonly contentWidth: number;
  readonly contentHeight: number;
  /** The model's input, padding included. */
  readonly width: number;
  readonly height: number;
}

interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** SAM: the longer side becomes `side`, the shorter keeps the aspect ratio (half up), both padded to `pad`. */
export function longestSideFrame({ widthPx, heightPx }: PictureSize, side: number, pad = side): ImageFrame {
  const scale = side / Math.max(widthPx, heightPx);
  // A line of one pixel keeps at least one.
  const scaled = (length: number) => Math.max(1, Math.trunc(length * scale + 0.5));
  return { widthPx, heightPx, contentWidth: scaled(widthPx), contentHeight: scaled(heightPx), width: pad, height: pad };
}

/** SAM 2: squashed to `width` x `height` whatever the aspect ratio, no padding. */
export function squashFrame({ widthPx, heightPx }: PictureSize, width: number, height: number): ImageFrame {
  return { widthPx, heightPx, contentWidth: width, contentHeight: height, width, height };
}

/** Grounding DINO: the shorter side becomes `shortest` unless the longer would pass `longest`; no padding. */
export function shortestSideFrame({ widthPx, heightPx }: PictureSize, shortest: number, longest: number): ImageFrame {
  const [less, more] = [Math.min(widthPx, heightPx), Math.max(widthPx, heightPx)];
  // transformers' get_size_with_aspect_ratio: the exact side is cut off, the reported size rounded (half to even).
  const limited = (more / less) * shortest > longest;
  const exact = limited ? (longest * less) / more : shortest;
  const size = limited ? roundHalfEven(exact) : shortest;
  const other = (length: number) => Math.max(1, Math.trunc((exact * length) / less));
  const [width, height] =
    (heightPx <= widthPx && heightPx === size) || (widthPx <= heightPx && widthPx === size)
      ? [widthPx, heightPx]
      : widthPx < heightPx
        ? [size, other(heightPx)]
        : [other(widthPx), size];
  return { widthPx, heightPx, contentWidth: width, contentHeight: height, width, height };
}

function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value - Math.trunc(value)) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** A point in pixels of the picture, in the model's pixels. Points outside stay outside. */
export function toFrame(frame: ImageFrame, x: number, y: number): [number, number] {
  return [x * (frame.contentWidth / frame.widthPx), y * (frame.contentHeight / frame.heightPx)];
}

/** The inverse of `toFrame`. */
export function fromFrame(frame: ImageFrame, x: number, y: number): [number, number] {
  return [x * (frame.widthPx / frame.contentWidth), y * (frame.heightPx / frame.contentHeight)];
}

/** A box in the model's pixels, in pixels of the picture and cut to it. */
export function boxFromFrame(frame: ImageFrame, { x0, y0, x1, y1 }: PixelBox): PixelBox {
  const clamp = (value: number, limit: number) => Math.min(Math.max(value, 0), limit);
  const [left, top] = fromFrame(frame, x0, y0);
  const [right, bottom] = fromFrame(frame, x1, y1);
  return {
    x0: clamp(left, frame.widthPx),
    y0: clamp(top, frame.heightPx),
    x1: clamp(right, frame.widthPx),
    y1: clamp(bottom, frame.heightPx),
  };
}
