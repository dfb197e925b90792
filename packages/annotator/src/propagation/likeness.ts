import { maskBox, type BinaryMask, type PixelBox, type RgbImage } from "@pixelvla/data";

/** Bins of one colour channel. */
const BINS = 8;

/** Share of a mask's pixels in each bin of red, green and blue, `[BINS ** 3]`; sums to 1, to 0 for an empty mask. */
export type ColourShares = Float32Array;

/** The colours under a mask. Every pixel is spread over the bins around it, so that a little more light changes little. */
export function colourShares({ data, widthPx }: RgbImage, mask: BinaryMask): ColourShares {
  const shares = new Float32Array(BINS ** 3);
  const box = maskBox(mask);
  if (box === undefined) return shares;
  let n = 0;
  for (let y = box.y0; y < box.y1; y++)
    for (let x = box.x0; x < box.x1; x++) {
      if (mask.data[y * widthPx + x] === 0) continue;
      n++;
      const [r, g, b] = [0, 1, 2].map((c) => spread(data[3 * (y * widthPx + x) + c]!)) as [Spread, Spread, Spread];
      for (const [i, u] of r)
        for (const [j, v] of g) for (const [k, w] of b) shares[(i * BINS + j) * BINS + k]! += u * v * w;
    }
  return shares.map((share) => share / n);
}

type Spread = readonly (readonly [bin: number, share: number])[];

/** The two bins whose centres a value lies between, and how much of it each gets. */
function spread(value: number): Spread {
  const at = Math.min(BINS - 1, Math.max(0, (value + 0.5) / (256 / BINS) - 0.5));
  const low = Math.min(BINS - 2, Math.floor(at));
  return [
    [low, low + 1 - at],
    [low + 1, at - low],
  ];
}

/** How alike two colourings are, 0..1 (Bhattacharyya coefficient): 1 for the same, 0 for no colour in common. */
export const likeness = (a: ColourShares, b: ColourShares): number =>
  a.reduce((sum, share, i) => sum + Math.sqrt(share * b[i]!), 0);

/** IoU of two boxes. */
export function boxFit(a: PixelBox, b: PixelBox): number {
  const width = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const height = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  if (width <= 0 || height <= 0) return 0;
  const area = ({ x0, y0, x1, y1 }: PixelBox) => (x1 - x0) * (y1 - y0);
  return (width * height) / (area(a) + area(b) - width * height);
}
