import type { Window } from "../regions/window.ts";
import { floats } from "../arrays.ts";

/** Cells of lightness, and of a and b, that colours are counted in. */
const BINS = 16;

/**
 * How rare every pixel's colour is in the window, `[N]` in [0, 1]: table, wall and floor cover much of a picture, things do
 * not.
 */
export function saliency({
  colours,
  widthPx,
  heightPx,
}: Pick<Window, "colours" | "widthPx" | "heightPx">): Float32Array {
  const n = widthPx * heightPx;
  const cells = new Int32Array(n);
  const counts = new Float32Array(BINS ** 3);
  const bin = (value: number, low: number, high: number) =>
    Math.min(BINS - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * BINS)));
  for (let i = 0; i < n; i++) {
    cells[i] =
      (bin(colours[3 * i]!, 0, 1) * BINS + bin(colours[3 * i + 1]!, -0.3, 0.3)) * BINS +
      bin(colours[3 * i + 2]!, -0.3, 0.3);
    counts[cells[i]!]!++;
  }
  const spread = smoothed(counts);
  return floats(n, (i) => Math.exp(-spread[cells[i]!]! / (0.012 * n)));
}

/** Counts with half of each neighbour along every axis. */
function smoothed(counts: Float32Array): Float32Array {
  let from = counts;
  for (const step of [1, BINS, BINS * BINS]) {
    const to = new Float32Array(from.length);
    for (let i = 0; i < from.length; i++) {
      const at = Math.floor(i / step) % BINS;
      to[i] = from[i]! + 0.5 * ((at > 0 ? from[i - step]! : 0) + (at < BINS - 1 ? from[i + step]! : 0));
    }
    from = to;
  }
  return from;
}
