import type { ImageFrame } from "../image/frame.ts";
import type { Canvas } from "./geometry.ts";

/** Sizes the processor brings pictures to, px. */
export interface EdgeLimits {
  readonly shortest: number;
  readonly longest: number;
}

/** The canvas of a resized picture: its own size, nothing padded. */
export function exactCanvas({ contentHeight, contentWidth }: ImageFrame): Canvas {
  return { height: contentHeight, width: contentWidth, pictureHeight: contentHeight, pictureWidth: contentWidth };
}

/**
 * The canvas of a resized picture, rounded up so that pictures of all shapes share few compiled sizes: eight lengths a
 * side, quarters up to the shortest edge and from there to the longest. The rest is padding, as in the processor's batches.
 */
export function bucketCanvas({ contentHeight, contentWidth }: ImageFrame, { shortest, longest }: EdgeLimits): Canvas {
  const quarters = [1, 2, 3, 4].map((q) => q / 4);
  const lengths = [
    ...quarters.map((q) => Math.ceil(shortest * q)),
    ...quarters.map((q) => Math.ceil(shortest + (longest - shortest) * q)),
  ];
  const up = (length: number) => lengths.find((candidate) => candidate >= length) ?? length;
  return {
    height: up(contentHeight),
    width: up(contentWidth),
    pictureHeight: contentHeight,
    pictureWidth: contentWidth,
  };
}

export const isPadded = ({ height, width, pictureHeight, pictureWidth }: Canvas): boolean =>
  height !== pictureHeight || width !== pictureWidth;
