import { badMask, maskSizeMismatch } from "./errors.ts";

/** An object mask as pixels: `data` `[H, W]`, rows top to bottom, 0 background, 1 object. */
export interface BinaryMask {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly data: Uint8Array;
}

/** Box of pixels in image coordinates: `[x0, x1) x [y0, y1)`, origin at the top-left corner of the image. */
export interface PixelBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/** Largest image side and pixel count accepted from files nobody vouches for. */
export const MAX_MASK_SIDE_PX = 32_768;
export const MAX_MASK_PIXELS = 1 << 27;

/** Checks an image size that comes from a file. @throws PVLA_MASK_DECODE */
export function checkMaskSize(what: string, heightPx: number, widthPx: number): void {
  const fine = (n: number) => Number.isInteger(n) && n >= 1 && n <= MAX_MASK_SIDE_PX;
  if (!fine(heightPx) || !fine(widthPx) || heightPx * widthPx > MAX_MASK_PIXELS)
    throw badMask(
      what,
      `the size ${String(heightPx)}x${String(widthPx)} (height x width)`,
      `whole numbers from 1 to ${MAX_MASK_SIDE_PX} and at most ${MAX_MASK_PIXELS} pixels`,
    );
}

/** Number of object pixels. */
export function maskArea(mask: BinaryMask): number {
  let area = 0;
  for (const value of mask.data) if (value !== 0) area++;
  return area;
}

/** Smallest box around the object, or undefined for an empty mask. */
export function maskBox({ widthPx, heightPx, data }: BinaryMask): PixelBox | undefined {
  let [x0, y0, x1, y1] = [widthPx, heightPx, 0, 0];
  for (let y = 0; y < heightPx; y++) {
    const row = data.subarray(y * widthPx, (y + 1) * widthPx);
    const first = row.findIndex((value) => value !== 0);
    if (first < 0) continue;
    let last = widthPx - 1;
    while (row[last] === 0) last--;
    x0 = Math.min(x0, first);
    x1 = Math.max(x1, last + 1);
    y0 = Math.min(y0, y);
    y1 = y + 1;
  }
  return x1 === 0 ? undefined : { x0, y0, x1, y1 };
}

/** Intersection over union in 0..1 of two masks of one image; 1 when both are empty. @throws PVLA_MASK_SIZE */
export function maskIou(a: BinaryMask, b: BinaryMask): number {
  if (a.widthPx !== b.widthPx || a.heightPx !== b.heightPx)
    throw maskSizeMismatch("Comparing two masks", [a.heightPx, a.widthPx], [b.heightPx, b.widthPx]);
  let intersection = 0;
  let union = 0;
  for (let i = 0; i < a.data.length; i++) {
    const inA = a.data[i] !== 0;
    const inB = b.data[i] !== 0;
    if (inA && inB) intersection++;
    if (inA || inB) union++;
  }
  return union === 0 ? 1 : intersection / union;
}
