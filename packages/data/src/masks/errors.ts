import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** A mask (RLE, polygon, PNG) that cannot be decoded. `what` names the encoding, `where` the file or record if known. */
export const badMask = (what: string, found: string, needed?: string, where?: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_MASK_DECODE",
    {
      doing: where === undefined ? `Decoding ${what}` : `Decoding ${what} in ${where}`,
      found,
      ...(needed === undefined ? {} : { needed }),
    },
    { what, where },
  );

/** Two masks of different image sizes were combined. */
export const maskSizeMismatch = (
  doing: string,
  a: readonly [number, number],
  b: readonly [number, number],
): PixelVlaError =>
  pixelVlaError("PVLA_MASK_SIZE", {
    doing,
    found: `masks of ${a[0]}x${a[1]} and ${b[0]}x${b[1]} pixels (height x width)`,
    needed: "two masks of one image size",
  });
