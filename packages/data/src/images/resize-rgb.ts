import type { RgbImage } from "../episode.ts";

/** `torchvision`: antialiased resize of uint8 tensors, 16-bit weights; `pillow`: `Image.resize`, 22-bit weights. */
export type ResizeFlavour = "torchvision" | "pillow";

/** PIL's `Resampling.BILINEAR`, `BICUBIC` (a = -0.5) and `LANCZOS` (3 lobes). */
export type ResizeKernel = "bilinear" | "bicubic" | "lanczos";

export interface ResizeRgbOptions {
  readonly kernel?: ResizeKernel;
  /** Whose integer arithmetic is followed, bit for bit. Default `torchvision`, as transformers' processors. */
  readonly flavour?: ResizeFlavour;
}

/** Window of source samples of every target sample and their fixed-point weights, `taps` of them in a row of `weights`. */
interface FixedPointKernel {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array;
  readonly taps: number;
  readonly precisionBits: number;
}

/**
 * The one resize of the project for pictures that a public model sees (policies, segmenters).
 *
 * Antialiased resize to `widthPx` x `heightPx`, every bit as torchvision's or Pillow's: weights in fixed point, columns
 * first, each pass rounded to 8 bits. An image that has the size already is returned as it is.
 */
export function resizeRgb(
  image: RgbImage,
  widthPx: number,
  heightPx: number,
  { kernel = "bilinear", flavour = "torchvision" }: ResizeRgbOptions = {},
): RgbImage {
  const narrowed =
    image.widthPx === widthPx ? image : resizeColumns(image, fixedPoint(image.widthPx, widthPx, kernel, flavour));
  if (narrowed.heightPx === heightPx) return narrowed;
  return resizeRows(narrowed, fixedPoint(image.heightPx, heightPx, kernel, flavour));
}

function resizeColumns({ widthPx, heightPx, data }: RgbImage, kernel: FixedPointKernel): RgbImage {
  const { starts, counts, weights, taps, precisionBits } = kernel;
  const to = starts.length;
  const out = new Uint8ClampedArray(to * heightPx * 3);
  const half = 1 << (precisionBits - 1);
  for (let y = 0; y < heightPx; y++) {
    const row = y * widthPx * 3;
    for (let x = 0, o = y * to * 3; x < to; x++, o += 3) {
      let [r, g, b] = [half, half, half];
      const count = counts[x]!;
      for (let t = 0, w = x * taps, i = row + starts[x]! * 3; t < count; t++, w++, i += 3) {
        const weight = weights[w]!;
        r += weight * data[i]!;
        g += weight * data[i + 1]!;
        b += weight * data[i + 2]!;
      }
      out[o] = r >> precisionBits;
      out[o + 1] = g >> precisionBits;
      out[o + 2] = b >> precisionBits;
    }
  }
  return { widthPx: to, heightPx, data: bytes(out) };
}

function resizeRows({ widthPx, data }: RgbImage, kernel: FixedPointKernel): RgbImage {
  const { starts, counts, weights, taps, precisionBits } = kernel;
  const to = starts.length;
  const stride = widthPx * 3;
  const out = new Uint8ClampedArray(to * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < to; y++) {
    sums.fill(1 << (precisionBits - 1));
    for (let t = 0; t < counts[y]!; t++) {
      const weight = weights[y * taps + t]!;
      const row = (starts[y]! + t) * stride;
      for (let i = 0; i < stride; i++) sums[i] = sums[i]! + weight * data[row + i]!;
    }
    const target = y * stride;
    for (let i = 0; i < stride; i++) out[target + i] = sums[i]! >> precisionBits;
  }
  return { widthPx, heightPx: to, data: bytes(out) };
}

/** Reach of each kernel in target samples. */
const SUPPORT: Readonly<Record<ResizeKernel, number>> = { bilinear: 1, bicubic: 2, lanczos: 3 };

/** Pillow's `precompute_coeffs` and PyTorch's `_compute_indices_int16_weights_aa`, which differ in precision only. */
function fixedPoint(from: number, to: number, kernel: ResizeKernel, flavour: ResizeFlavour): FixedPointKernel {
  const scale = from / to;
  const filterScale = Math.max(scale, 1);
  const support = SUPPORT[kernel] * filterScale;
  const taps = Math.ceil(support) * 2 + 1;
  const real = new Float64Array(to * taps);
  const starts = new Int32Array(to);
  const counts = new Int32Array(to);
  let greatest = 0;
  for (let i = 0; i < to; i++) {
    const centre = scale * (i + 0.5);
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const count = Math.min(from, Math.trunc(centre + support + 0.5)) - start;
    const row = real.subarray(i * taps, i * taps + count);
    let total = 0;
    for (let t = 0; t < count; t++) {
      row[t] = filter(kernel, (t + start - centre + 0.5) / filterScale);
      total += row[t]!;
    }
    for (let t = 0; t < count; t++) {
      row[t] = row[t]! / total;
      greatest = Math.max(greatest, row[t]!);
    }
    starts[i] = start;
    counts[i] = count;
  }
  const precisionBits = flavour === "pillow" ? 22 : int16Precision(greatest);
  const weights = Int32Array.from(real, (w) => Math.trunc(w * 2 ** precisionBits + (w < 0 ? -0.5 : 0.5)));
  return { starts, counts, weights, taps, precisionBits };
}

/** Most fractional bits for which the greatest weight still is a 16-bit number. */
function int16Precision(greatest: number): number {
  let bits = 0;
  while (bits < 22 && Math.trunc(0.5 + greatest * 2 ** (bits + 1)) < 1 << 15) bits++;
  return bits;
}

function filter(kernel: ResizeKernel, t: number): number {
  const x = Math.abs(t);
  if (kernel === "bilinear") return x < 1 ? 1 - x : 0;
  if (kernel === "lanczos") return t >= -3 && t < 3 ? sinc(t) * sinc(t / 3) : 0;
  const a = -0.5;
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

const bytes = (clamped: Uint8ClampedArray) => new Uint8Array(clamped.buffer, clamped.byteOffset, clamped.length);
