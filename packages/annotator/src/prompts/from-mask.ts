import { Random } from "@pixelvla/core";
import { maskBox, type BinaryMask, type LinePrompt, type PixelBox, type PointPrompt } from "@pixelvla/data";
import { connectedComponents, largestComponent } from "../quality/components.ts";

/** Visual prompts drawn from a mask. Pixels; points at pixel centres' whole coordinates. */
export interface MaskPrompts {
  readonly points: readonly PointPrompt[];
  readonly lines: readonly LinePrompt[];
  /** Box of the largest piece's contour. */
  readonly box: PixelBox | undefined;
}

const LINE_TRIES = 24;
/** A line may leave the mask for at most this share of its length (a mug's handle, a bowl's rim). */
const OUTSIDE_SHARE = 0.1;

/**
 * Seeded points, random lines and the contour's box of a mask (the paper's visual prompts). Points are drawn from the inside
 * of the largest piece: from its pixels at least half as deep as the deepest, so that they keep off the border.
 *
 * @param seed whatever identifies mask and draw; the same seed draws the same
 */
export function promptsFromMask(
  mask: BinaryMask,
  counts: { readonly points: number; readonly lines: number },
  seed: string,
): MaskPrompts {
  const piece = largestComponent(mask, connectedComponents(mask));
  const box = maskBox(piece);
  if (box === undefined) return { points: [], lines: [], box };
  const random = new Random(seed);
  const inside = innerPixels(piece);
  const draw = () => {
    const at = inside[random.integer(inside.length)]!;
    return [at % mask.widthPx, Math.floor(at / mask.widthPx)] as const;
  };
  const points = Array.from({ length: counts.points }, () => {
    const [x, y] = draw();
    return { x, y, isObject: true };
  });
  const lines = Array.from({ length: counts.lines }, () => drawLine(piece, draw));
  return { points, lines, box };
}

/** The longest of some random chords that stay within the mask. */
function drawLine(mask: BinaryMask, draw: () => readonly [number, number]): LinePrompt {
  let best: LinePrompt | undefined;
  let bestLength = -1;
  for (let i = 0; i < LINE_TRIES; i++) {
    const [a, b] = [draw(), draw()];
    const length = Math.hypot(a[0] - b[0], a[1] - b[1]);
    if (length > bestLength && staysInside(mask, a, b)) [best, bestLength] = [[a, b], length];
  }
  const [x, y] = draw();
  return (
    best ?? [
      [x, y],
      [x, y],
    ]
  );
}

function staysInside(mask: BinaryMask, a: readonly [number, number], b: readonly [number, number]): boolean {
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]))));
  let outside = 0;
  for (let i = 0; i <= steps; i++) {
    const x = Math.round(a[0] + ((b[0] - a[0]) * i) / steps);
    const y = Math.round(a[1] + ((b[1] - a[1]) * i) / steps);
    if (mask.data[y * mask.widthPx + x] === 0) outside++;
  }
  return outside <= OUTSIDE_SHARE * (steps + 1);
}

/** Pixels at least half as deep as the deepest, by chessboard distance to the background (two passes). */
function innerPixels({ widthPx, heightPx, data }: BinaryMask): number[] {
  const depth = new Int32Array(data.length);
  const at = (x: number, y: number) => (x < 0 || y < 0 || x >= widthPx || y >= heightPx ? 0 : depth[y * widthPx + x]!);
  let deepest = 0;
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++)
      if (data[y * widthPx + x] !== 0)
        depth[y * widthPx + x] = 1 + Math.min(at(x - 1, y), at(x - 1, y - 1), at(x, y - 1), at(x + 1, y - 1));
  for (let y = heightPx - 1; y >= 0; y--)
    for (let x = widthPx - 1; x >= 0; x--) {
      const i = y * widthPx + x;
      if (data[i] === 0) continue;
      depth[i] = Math.min(depth[i]!, 1 + Math.min(at(x + 1, y), at(x + 1, y + 1), at(x, y + 1), at(x - 1, y + 1)));
      deepest = Math.max(deepest, depth[i]);
    }
  const inner: number[] = [];
  for (let i = 0; i < data.length; i++) if (depth[i]! > 0 && depth[i]! * 2 >= deepest) inner.push(i);
  return inner;
}
