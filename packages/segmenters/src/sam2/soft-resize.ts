import type { BinaryMask } from "@pixelvla/data";
import type { FloatPlane } from "../image/resize-plane.ts";

/** Weighted source samples of one target sample. */
interface Taps {
  readonly start: number;
  readonly weights: Float32Array;
}

/**
 * Antialiased bilinear resize of a float plane, as `torch.nn.functional.interpolate(mode="bilinear", antialias=True)`:
 * columns first, then rows.
 */
export function softResize(plane: FloatPlane, width: number, height: number): FloatPlane {
  const columns = tapsOf(plane.width, width);
  const rows = tapsOf(plane.height, height);
  const narrowed = new Float32Array(width * plane.height);
  for (let y = 0; y < plane.height; y++) {
    const source = plane.data.subarray(y * plane.width, (y + 1) * plane.width);
    for (let x = 0; x < width; x++) {
      const { start, weights } = columns[x]!;
      let total = 0;
      for (let t = 0; t < weights.length; t++) total += weights[t]! * source[start + t]!;
      narrowed[y * width + x] = total;
    }
  }
  const data = new Float32Array(width * height);
  const sums = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    const { start, weights } = rows[y]!;
    sums.fill(0);
    for (let t = 0; t < weights.length; t++) {
      const row = (start + t) * width;
      for (let x = 0; x < width; x++) sums[x] = sums[x]! + weights[t]! * narrowed[row + x]!;
    }
    data.set(sums, y * width);
  }
  return { width, height, data };
}

/** A mask as a plane of `off` and `on`. */
export function planeFromMask({ widthPx, heightPx, data }: BinaryMask, off: number, on: number): FloatPlane {
  const plane = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) plane[i] = data[i] === 0 ? off : on;
  return { width: widthPx, height: heightPx, data: plane };
}

function tapsOf(from: number, to: number): Taps[] {
  return Array.from({ length: to }, (_, i) => tapsAt(from, to, i));
}

/** Samples under a triangle as wide as the scale, cut at the border, weights summing to 1. */
function tapsAt(from: number, to: number, index: number): Taps {
  const scale = Math.max(from / to, 1);
  const centre = (index + 0.5) * (from / to);
  const start = Math.max(0, Math.trunc(centre - scale + 0.5));
  const end = Math.min(from, Math.trunc(centre + scale + 0.5));
  const weights = new Float32Array(end - start);
  let total = 0;
  for (let t = 0; t < weights.length; t++)
    total += weights[t] = Math.max(0, 1 - Math.abs((start + t + 0.5 - centre) / scale));
  for (let t = 0; t < weights.length; t++) weights[t] = weights[t]! / total;
  return { start, weights };
}
