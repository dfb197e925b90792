import type { BinaryMask, RgbImage } from "@pixelvla/data";

/** Side of the picture in px. */
export const SIDE = 64;
const SQUARE = 14;

/** A red square at `x`, `y` (its top left, in px) on grey with a blue one beside it, and the red one's mask. */
export function scene(x: number, y: number): { readonly image: RgbImage; readonly truth: BinaryMask } {
  const data = new Uint8Array(SIDE * SIDE * 3).fill(150);
  const truth = new Uint8Array(SIDE * SIDE);
  const square = (left: number, top: number, rgb: readonly number[], mask?: Uint8Array) => {
    for (let row = top; row < top + SQUARE; row++)
      for (let column = left; column < left + SQUARE; column++) {
        data.set(rgb, 3 * (row * SIDE + column));
        if (mask !== undefined) mask[row * SIDE + column] = 1;
      }
  };
  square(46, 4, [30, 40, 200]);
  square(x, y, [210, 30, 30], truth);
  return { image: { widthPx: SIDE, heightPx: SIDE, data }, truth: { widthPx: SIDE, heightPx: SIDE, data: truth } };
}
