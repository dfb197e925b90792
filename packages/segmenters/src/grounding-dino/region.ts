import type { PixelBox, RgbImage } from "@pixelvla/data";
import { emptyRegion } from "./errors.ts";

/** Part of a picture and where it lies. */
export interface Crop {
  readonly image: RgbImage;
  readonly left: number;
  readonly top: number;
}

/** Whole pixels that a region touches, cut to the picture. @throws PVLA_DETECT_REGION when none are left */
export function cropRegion(image: RgbImage, region: PixelBox | undefined): Crop {
  if (region === undefined) return { image, left: 0, top: 0 };
  const left = Math.max(0, Math.floor(region.x0));
  const top = Math.max(0, Math.floor(region.y0));
  const widthPx = Math.min(image.widthPx, Math.ceil(region.x1)) - left;
  const heightPx = Math.min(image.heightPx, Math.ceil(region.y1)) - top;
  if (!(widthPx >= 1 && heightPx >= 1)) throw emptyRegion(region, image.widthPx, image.heightPx);
  const data = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0; y < heightPx; y++) {
    const start = ((top + y) * image.widthPx + left) * 3;
    data.set(image.data.subarray(start, start + widthPx * 3), y * widthPx * 3);
  }
  return { image: { widthPx, heightPx, data }, left, top };
}
