import type { RgbImage } from "@pixelvla/data";
import type { LookAnswer } from "@pixelvla/studio-contract";
import { pointMapper, type ImageFit, type Look } from "@pixelvla/training";

/** How much of each vision token's square the fitted mask covers, `[N]`, 0 to 1. */
export function coverageOf(
  mask: Uint8Array,
  { width, height }: ImageFit,
  [rows, columns]: readonly [number, number],
): Float32Array {
  const covered = new Float32Array(rows * columns);
  const area = new Float32Array(rows * columns);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const token = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width);
      area[token]!++;
      covered[token]! += mask[y * width + x]!;
    }
  return covered.map((pixels, token) => (area[token] === 0 ? 0 : pixels / area[token]!));
}

/** Attention as the studio draws it over the camera's own picture, and how much of it lies on the mask. */
export function lookOf(
  { layers, grid, weights }: NonNullable<Look["attention"]>,
  mask: Uint8Array | undefined,
  fit: ImageFit,
  { widthPx, heightPx }: RgbImage,
): LookAnswer {
  const count = grid[0] * grid[1];
  const rows = layers.map((_, layer) => weights.subarray(layer * count, (layer + 1) * count));
  const coverage = mask?.some((value) => value === 1) === true ? coverageOf(mask, fit, grid) : undefined;
  const at = pointMapper(widthPx, heightPx, fit);
  const [start, end] = [at(-0.5, -0.5, 0), at(widthPx - 0.5, heightPx - 0.5, 0)];
  return {
    layers,
    grid,
    weights: rows.map((row) => [...row]),
    picture: [start.x, start.y, end.x, end.y],
    onMask:
      coverage &&
      rows.map((row) => {
        const total = row.reduce((sum, weight) => sum + weight, 0);
        return total === 0 ? 0 : row.reduce((sum, weight, n) => sum + (coverage[n]! > 0 ? weight : 0), 0) / total;
      }),
  };
}
