import type { RgbImage } from "@pixelvla/data";
import { badPicture } from "./errors.ts";

/** Largest picture accepted, in pixels: an 8-bit RGB copy of it takes 400 MB. */
export const MAX_PICTURE_PIXELS = 1 << 27;

/** @throws PVLA_PICTURE when size and data do not belong together */
export function checkPicture({ widthPx, heightPx, data }: RgbImage): void {
  const whole = (n: number) => Number.isInteger(n) && n >= 1;
  if (!whole(widthPx) || !whole(heightPx) || widthPx * heightPx > MAX_PICTURE_PIXELS)
    throw badPicture(
      `a size of ${widthPx}x${heightPx} px`,
      `whole numbers of at least 1 and at most ${MAX_PICTURE_PIXELS} pixels in all`,
    );
  if (data.length !== widthPx * heightPx * 3)
    throw badPicture(
      `${data.length} bytes for ${widthPx}x${heightPx} px`,
      `${widthPx * heightPx * 3} (red, green, blue of every pixel)`,
    );
}
