import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { matmul } from "../ops/matmul.ts";
import { reshape } from "../ops/reshape.ts";

/** Interpolation kernels, half-pixel centres, edges clamped. `area` averages the covered cells. */
export type ResizeKernel = "nearest" | "bilinear" | "bicubic" | "area";

export interface ResizeOptions {
  readonly kernel: ResizeKernel;
  /** Widens the kernel when shrinking, as Pillow and torchvision's antialias do. */
  readonly antialias?: boolean;
  /** Cubic coefficient: -0.75 (PyTorch) or -0.5 (Pillow; also used by PyTorch's antialiased bicubic). */
  readonly cubic?: number;
}

/**
 * Resizes `[B, H, W, C]` to `[B, height, width, C]` as two products with constant matrices, so that it is exact on
 * every engine and differentiable.
 */
export function resizeImage(x: Tensor, height: number, width: number, options: ResizeOptions): Tensor {
  const [b, h, w, c] = x.shape as [number, number, number, number];
  const { graph: g } = x;
  const rows =
    h === height
      ? x
      : reshape(matmul(resizeMatrix(g, h, height, options), reshape(x, [b, h, w * c])), [b, height, w, c]);
  if (w === width) return rows;
  const columns = matmul(resizeMatrix(g, w, width, options), reshape(rows, [b * height, w, c]));
  return reshape(columns, [b, height, width, c]);
}

/** Resizes a mask `[B, H, W]` to `[B, height, width]`. */
export function resizeMask(mask: Tensor, height: number, width: number, options: ResizeOptions): Tensor {
  const [b, h, w] = mask.shape as [number, number, number];
  return reshape(resizeImage(reshape(mask, [b, h, w, 1]), height, width, options), [b, height, width]);
}

function resizeMatrix(g: Graph, from: number, to: number, options: ResizeOptions): Tensor {
  return g.constant("float32", [to, from], resizeWeights(from, to, options));
}

/** Row-major `[to, from]` weights; each row sums to 1. */
export function resizeWeights(from: number, to: number, options: ResizeOptions): Float32Array {
  const weights = new Float32Array(to * from);
  for (let o = 0; o < to; o++) {
    const row = weights.subarray(o * from, (o + 1) * from);
    if (options.kernel === "area") fillArea(row, (o * from) / to, ((o + 1) * from) / to);
    else if (options.kernel === "nearest") row[Math.min(from - 1, Math.floor((o * from) / to))] = 1;
    else fillKernel(row, o, from / to, options);
  }
  return weights;
}

/** Overlap of [start, end) with each source cell, normalised. */
function fillArea(row: Float32Array, start: number, end: number): void {
  for (let i = Math.floor(start); i < Math.min(row.length, Math.ceil(end)); i++) {
    row[i] = Math.max(0, Math.min(end, i + 1) - Math.max(start, i)) / (end - start);
  }
}

function fillKernel(
  row: Float32Array,
  o: number,
  ratio: number,
  { kernel, antialias = false, cubic }: ResizeOptions,
): void {
  const scale = antialias ? Math.max(ratio, 1) : 1;
  const radius = (kernel === "bicubic" ? 2 : 1) * scale;
  const a = cubic ?? (antialias ? -0.5 : -0.75);
  const value = kernel === "bicubic" ? (t: number) => cubicKernel(t, a) : (t: number) => Math.max(0, 1 - Math.abs(t));
  const centre = (o + 0.5) * ratio;
  let total = 0;
  const taps: [number, number][] = [];
  for (let i = Math.ceil(centre - radius - 0.5); i <= Math.floor(centre + radius - 0.5); i++) {
    // With antialias the window is cut at the border; without, samples beyond it repeat the edge.
    if (antialias && (i < 0 || i >= row.length)) continue;
    const weight = value((i + 0.5 - centre) / scale);
    taps.push([Math.min(row.length - 1, Math.max(0, i)), weight]);
    total += weight;
  }
  for (const [i, weight] of taps) row[i] = row[i]! + weight / total;
}

function cubicKernel(t: number, a: number): number {
  const x = Math.abs(t);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}
