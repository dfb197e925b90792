import type { RgbImage } from "@pixelvla/data";

/** A box by its middle, in pixels. */
export interface Place {
  readonly cx: number;
  readonly cy: number;
  readonly width: number;
  readonly height: number;
}

/** Mean of each channel, `[3]`, 0..255: what lies outside the picture. */
export function meanColour({ data }: RgbImage): readonly [number, number, number] {
  const sums: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < data.length; i += 3) for (let c = 0; c < 3; c++) sums[c]! += data[i + c]!;
  const n = data.length / 3;
  return [sums[0] / n, sums[1] / n, sums[2] / n];
}

/**
 * A square of `sidePx` picture pixels about a point as `[3, S, S]`, BGR in 0..255, bilinear without antialiasing (as OpenCV, which the
 * trackers were trained with). Outside the picture lies `outside`.
 */
export function squareCrop(
  { data, widthPx, heightPx }: RgbImage,
  { cx, cy }: { readonly cx: number; readonly cy: number },
  sidePx: number,
  size: number,
  outside: readonly [number, number, number],
): Float32Array {
  const planes = new Float32Array(3 * size * size);
  const scale = sidePx / size;
  const at = (x: number, y: number, c: number) =>
    x < 0 || y < 0 || x >= widthPx || y >= heightPx ? outside[c]! : data[3 * (y * widthPx + x) + c]!;
  for (let row = 0; row < size; row++) {
    const y = cy + (row + 0.5) * scale - sidePx / 2 - 0.5;
    const top = Math.floor(y);
    for (let column = 0; column < size; column++) {
      const x = cx + (column + 0.5) * scale - sidePx / 2 - 0.5;
      const left = Math.floor(x);
      for (let c = 0; c < 3; c++) {
        const upper = at(left, top, c) * (left + 1 - x) + at(left + 1, top, c) * (x - left);
        const lower = at(left, top + 1, c) * (left + 1 - x) + at(left + 1, top + 1, c) * (x - left);
        planes[((2 - c) * size + row) * size + column] = upper * (top + 1 - y) + lower * (y - top);
      }
    }
  }
  return planes;
}
