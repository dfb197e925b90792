/** A plane of float values, `data` `[H, W]`, rows top to bottom: mask logits, a soft mask. */
export interface FloatPlane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Two source samples of every target sample, PyTorch's `align_corners=False`. */
interface LinearTaps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  /** Weight of `high`; that of `low` is one minus it. */
  readonly fraction: Float32Array;
}

/** Size to resize to, and how much of the result is kept, from the top left corner. */
interface ResizeTarget {
  readonly width: number;
  readonly height: number;
  readonly keepWidth?: number;
  readonly keepHeight?: number;
}

/**
 * Bilinear resize without antialiasing, as `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)` in
 * float32: half-pixel centres, edges clamped. A plane that has the size already is returned as it is.
 */
export function resizePlane(plane: FloatPlane, width: number, height: number): FloatPlane {
  if (plane.width === width && plane.height === height) return plane;
  return resizeAndCrop(plane, width, height, width, height);
}

/** `resizePlane`, of whose result only the top left `keepWidth` x `keepHeight` is computed. */
export function resizeAndCrop(
  plane: FloatPlane,
  width: number,
  height: number,
  keepWidth: number,
  keepHeight: number,
): FloatPlane {
  const data = new Float32Array(keepWidth * keepHeight);
  resizeRowsOf(plane, { width, height, keepWidth, keepHeight }, (y, row) => data.set(row, y * keepWidth));
  return { width: keepWidth, height: keepHeight, data };
}

/** `resizePlane`, then `> threshold`: 0 and 1 `[height, width]`, without the resized plane in memory. */
export function resizeAndThreshold(plane: FloatPlane, width: number, height: number, threshold: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  resizeRowsOf(plane, { width, height }, (y, row) => {
    for (let x = 0, o = y * width; x < width; x++, o++) mask[o] = row[x]! > threshold ? 1 : 0;
  });
  return mask;
}

/** The top-left `width` x `height` of a plane. */
export function cropPlane(plane: FloatPlane, width: number, height: number): FloatPlane {
  if (plane.width === width && plane.height === height) return plane;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height; y++) data.set(plane.data.subarray(y * plane.width, y * plane.width + width), y * width);
  return { width, height, data };
}

/**
 * Hands over the rows of the resized plane one after another, in one array. Source rows are interpolated along x once and
 * kept, in double precision, for the rows that share them.
 */
function resizeRowsOf(
  { width: fromWidth, height: fromHeight, data }: FloatPlane,
  { width, height, keepWidth = width, keepHeight = height }: ResizeTarget,
  take: (y: number, row: Float32Array) => void,
): void {
  const { low: left, high: right, fraction } = linearTaps(fromWidth, width);
  const rows = linearTaps(fromHeight, height);
  const row = new Float32Array(keepWidth);
  const stretch = (y: number, into: Float64Array) => {
    const start = y * fromWidth;
    for (let x = 0; x < keepWidth; x++) {
      const share = fraction[x]!;
      into[x] = (1 - share) * data[start + left[x]!]! + share * data[start + right[x]!]!;
    }
  };
  let [top, bottom] = [new Float64Array(keepWidth), new Float64Array(keepWidth)];
  let [topIs, bottomIs] = [-1, -1];
  for (let y = 0; y < keepHeight; y++) {
    const [low, high] = [rows.low[y]!, rows.high[y]!];
    if (topIs !== low && bottomIs === low) [top, bottom, topIs, bottomIs] = [bottom, top, bottomIs, topIs];
    if (topIs !== low) stretch((topIs = low), top);
    if (bottomIs !== high) stretch((bottomIs = high), bottom);
    const down = rows.fraction[y]!;
    const up = 1 - down;
    for (let x = 0; x < keepWidth; x++) row[x] = up * top[x]! + down * bottom[x]!;
    take(y, row);
  }
}

function linearTaps(from: number, to: number): LinearTaps {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const fraction = new Float32Array(to);
  const scale = Math.fround(from / to);
  for (let i = 0; i < to; i++) {
    // In float32 throughout, as PyTorch: the fraction decides on which side of a threshold a pixel falls.
    const position = Math.max(0, Math.fround(Math.fround(scale * Math.fround(i + 0.5)) - 0.5));
    low[i] = Math.min(Math.trunc(position), from - 1);
    high[i] = Math.min(low[i]! + 1, from - 1);
    fraction[i] = position - low[i]!;
  }
  return { low, high, fraction };
}
