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

/**
 * Bilinear resize without antialiasing, as `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)` in
 * float32: half-pixel centres, edges clamped. A plane that has the size already is returned as it is.
 */
export function resizePlane(plane: FloatPlane, width: number, height: number): FloatPlane {
  if (plane.width === width && plane.height === height) return plane;
  const data = new Float32Array(width * height);
  resizeRowsOf(plane, width, height, (y, row) => data.set(row, y * width));
  return { width, height, data };
}

/** `resizePlane`, then `> threshold`: 0 and 1 `[height, width]`, without the resized plane in memory. */
export function resizeAndThreshold(plane: FloatPlane, width: number, height: number, threshold: number): Uint8Array {
  const mask = new Uint8Array(width * height);
  resizeRowsOf(plane, width, height, (y, row) => {
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

function resizeRowsOf(
  { width: fromWidth, height: fromHeight, data }: FloatPlane,
  width: number,
  height: number,
  take: (y: number, row: Float32Array) => void,
): void {
  const columns = linearTaps(fromWidth, width);
  const rows = linearTaps(fromHeight, height);
  const row = new Float32Array(width);
  for (let y = 0; y < height; y++) {
    const top = data.subarray(rows.low[y]! * fromWidth, (rows.low[y]! + 1) * fromWidth);
    const bottom = data.subarray(rows.high[y]! * fromWidth, (rows.high[y]! + 1) * fromWidth);
    const down = rows.fraction[y]!;
    for (let x = 0; x < width; x++) {
      const low = columns.low[x]!;
      const high = columns.high[x]!;
      const right = columns.fraction[x]!;
      const left = 1 - right;
      row[x] =
        (1 - down) * (left * top[low]! + right * top[high]!) + down * (left * bottom[low]! + right * bottom[high]!);
    }
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
