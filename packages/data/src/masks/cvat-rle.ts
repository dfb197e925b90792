import { badMask } from "./errors.ts";
import { checkMaskSize, maskBox, type BinaryMask } from "./mask.ts";

/** A CVAT mask: run lengths ROW by row inside a box, background first. */
export interface CvatMask {
  readonly rle: readonly number[];
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const WHAT = "a CVAT mask";

/** Pixels -> CVAT's box and row-major runs, or undefined for an empty mask. */
export function encodeCvatMask(mask: BinaryMask): CvatMask | undefined {
  const box = maskBox(mask);
  if (box === undefined) return undefined;
  const rle: number[] = [];
  let value = 0;
  let length = 0;
  for (let y = box.y0; y < box.y1; y++)
    for (let x = box.x0; x < box.x1; x++) {
      const pixel = mask.data[y * mask.widthPx + x] === 0 ? 0 : 1;
      if (pixel !== value) {
        rle.push(length);
        length = 0;
        value = pixel;
      }
      length++;
    }
  rle.push(length);
  return { rle, left: box.x0, top: box.y0, width: box.x1 - box.x0, height: box.y1 - box.y0 };
}

/** CVAT's box and runs -> pixels of the whole image. @throws PVLA_MASK_DECODE */
export function decodeCvatMask(
  cvat: CvatMask,
  size: { heightPx: number; widthPx: number },
  where?: string,
): BinaryMask {
  checkMaskSize(WHAT, size.heightPx, size.widthPx);
  const { left, top, width, height, rle } = cvat;
  const inside =
    [left, top, width, height].every(Number.isInteger) &&
    left >= 0 &&
    top >= 0 &&
    width >= 1 &&
    height >= 1 &&
    left + width <= size.widthPx &&
    top + height <= size.heightPx;
  if (!inside)
    throw badMask(
      WHAT,
      `a box of ${width}x${height} at ${left}, ${top}`,
      `a box inside the image of ${size.widthPx}x${size.heightPx}`,
      where,
    );
  const data = new Uint8Array(size.heightPx * size.widthPx);
  let position = 0;
  for (const [run, count] of rle.entries()) {
    if (!Number.isInteger(count) || count < 0 || position + count > width * height)
      throw badMask(
        WHAT,
        `run ${run} of length ${String(count)} at pixel ${position}`,
        `at most ${width * height} pixels`,
        where,
      );
    if (run % 2 === 1)
      for (let i = position; i < position + count; i++)
        data[(top + Math.floor(i / width)) * size.widthPx + left + (i % width)] = 1;
    position += count;
  }
  if (position !== width * height)
    throw badMask(WHAT, `runs that add up to ${position} pixels`, `${width} x ${height} = ${width * height}`, where);
  return { ...size, data };
}
