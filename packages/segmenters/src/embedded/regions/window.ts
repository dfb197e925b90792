import type { BinaryMask, PixelBox, RgbImage } from "@pixelvla/data";
import { resizeAndThreshold } from "../../image/resize-plane.ts";
import { resizeRgb } from "../../image/resize-rgb.ts";
import { oklab } from "../colour/oklab.ts";

/** A rectangle of a picture at working size: large pictures are cut at low resolution, small parts at their own. */
export interface Window {
  /** In whole pixels of the picture. */
  readonly box: PixelBox;
  /** Working size. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Oklab `[H, W, 3]` at working size. */
  readonly colours: Float32Array;
}

/** Takes `box` (cut to the picture, at least one pixel) out of a picture, its longer side scaled down to `mostPx`. */
export function openWindow(image: RgbImage, box: PixelBox, mostPx: number): Window {
  const whole = clipBox(box, image.widthPx, image.heightPx);
  const [width, height] = [whole.x1 - whole.x0, whole.y1 - whole.y0];
  const scale = Math.min(1, mostPx / Math.max(width, height));
  const [widthPx, heightPx] = [width, height].map((side) => Math.max(1, Math.round(side * scale))) as [number, number];
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const from = 3 * ((whole.y0 + y) * image.widthPx + whole.x0);
    data.set(image.data.subarray(from, from + 3 * width), 3 * y * width);
  }
  const small = resizeRgb({ widthPx: width, heightPx: height, data }, widthPx, heightPx);
  return { box: whole, widthPx, heightPx, colours: oklab(small) };
}

/** Whole pixels within the picture, at least one. */
export function clipBox({ x0, y0, x1, y1 }: PixelBox, widthPx: number, heightPx: number): PixelBox {
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);
  const left = clamp(Math.floor(x0), 0, widthPx - 1);
  const top = clamp(Math.floor(y0), 0, heightPx - 1);
  return {
    x0: left,
    y0: top,
    x1: clamp(Math.ceil(x1), left + 1, widthPx),
    y1: clamp(Math.ceil(y1), top + 1, heightPx),
  };
}

/** A box grown by a share of its sides and some pixels on every side. */
export function grownBox({ x0, y0, x1, y1 }: PixelBox, share: number, pixels = 0): PixelBox {
  const dx = (x1 - x0) * share + pixels;
  const dy = (y1 - y0) * share + pixels;
  return { x0: x0 - dx, y0: y0 - dy, x1: x1 + dx, y1: y1 + dy };
}

/** Working coordinates (not rounded) of a point of the picture. */
export function toWindow({ box, widthPx, heightPx }: Window, x: number, y: number): [number, number] {
  return [((x - box.x0) * widthPx) / (box.x1 - box.x0), ((y - box.y0) * heightPx) / (box.y1 - box.y0)];
}

/** A plane over the whole picture (any resolution), cut to the window and resized to its working size. */
export function planeInWindow(
  plane: { readonly width: number; readonly height: number; readonly data: ArrayLike<number> },
  picture: { readonly widthPx: number; readonly heightPx: number },
  { box, widthPx, heightPx }: Omit<Window, "colours">,
): Float32Array {
  const out = new Float32Array(widthPx * heightPx);
  const [scaleX, scaleY] = [plane.width / picture.widthPx, plane.height / picture.heightPx];
  for (let y = 0; y < heightPx; y++) {
    const v = (box.y0 + ((y + 0.5) * (box.y1 - box.y0)) / heightPx) * scaleY - 0.5;
    const [y0, fy] = taps(v, plane.height);
    for (let x = 0; x < widthPx; x++) {
      const u = (box.x0 + ((x + 0.5) * (box.x1 - box.x0)) / widthPx) * scaleX - 0.5;
      const [x0, fx] = taps(u, plane.width);
      const at = y0 * plane.width + x0;
      const right = x0 + 1 < plane.width ? 1 : 0;
      const down = y0 + 1 < plane.height ? plane.width : 0;
      const top = plane.data[at]! * (1 - fx) + plane.data[at + right]! * fx;
      const bottom = plane.data[at + down]! * (1 - fx) + plane.data[at + down + right]! * fx;
      out[y * widthPx + x] = top * (1 - fy) + bottom * fy;
    }
  }
  return out;
}

function taps(position: number, size: number): [number, number] {
  const clamped = Math.min(Math.max(position, 0), size - 1);
  const low = Math.floor(clamped);
  return [low, clamped - low];
}

/** A mask of the window in the whole picture. */
export function maskFromWindow(
  mask: Uint8Array,
  { box, widthPx, heightPx }: Window,
  picture: { readonly widthPx: number; readonly heightPx: number },
): BinaryMask {
  const [width, height] = [box.x1 - box.x0, box.y1 - box.y0];
  const inside =
    width === widthPx && height === heightPx
      ? mask
      : resizeAndThreshold({ width: widthPx, height: heightPx, data: new Float32Array(mask) }, width, height, 0.5);
  const data = new Uint8Array(picture.widthPx * picture.heightPx);
  for (let y = 0; y < height; y++)
    data.set(inside.subarray(y * width, (y + 1) * width), (box.y0 + y) * picture.widthPx + box.x0);
  return { widthPx: picture.widthPx, heightPx: picture.heightPx, data };
}
