import type { RgbImage } from "@pixelvla/data";
import { badObservation } from "../errors.ts";
import { toNumbers, type NdArray } from "../codec/nd-array.ts";

/** Largest side of an image that is taken, in px. */
const MAX_SIDE_PX = 4096;

/**
 * An array as an RGB image `[H, W, 3]`, 0..255. Taken are uint8 in any of `[H, W, 3]`, `[3, H, W]`, `[H, W]`, with one or four
 * channels, and floats in [0, 1] (as openpi's server takes them).
 * @throws PVLA_SERVE_OBSERVATION
 */
export function rgbImage(array: NdArray): RgbImage {
  const { shape, kind, itemSize } = array;
  const found = `an image of shape [${shape.join(", ")}] and dtype ${array.dtype}`;
  const layout = layoutOf(shape);
  if (layout === undefined) throw badObservation(found, "[H, W, 3], [3, H, W] or [H, W]");
  const { height, width, channels, isChannelFirst } = layout;
  if (height < 1 || width < 1 || height > MAX_SIDE_PX || width > MAX_SIDE_PX)
    throw badObservation(found, `sides from 1 to ${MAX_SIDE_PX} px`);
  if (!(kind === "u" && itemSize === 1) && kind !== "f") throw badObservation(found, "uint8, or floats in [0, 1]");
  const bytes = kind === "f" ? unitToBytes(toNumbers(array)) : array.data;
  if (channels === 3 && !isChannelFirst) return { widthPx: width, heightPx: height, data: bytes };
  const nPixels = height * width;
  const data = new Uint8Array(nPixels * 3);
  for (let c = 0; c < 3; c++) {
    const from = channels === 1 ? 0 : c;
    for (let i = 0; i < nPixels; i++)
      data[i * 3 + c] = bytes[isChannelFirst ? from * nPixels + i : i * channels + from]!;
  }
  return { widthPx: width, heightPx: height, data };
}

function layoutOf(shape: readonly number[]) {
  const trimmed = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
  const [a, b, c] = trimmed as [number, number, number];
  if (trimmed.length === 2) return { height: a, width: b, channels: 1, isChannelFirst: false };
  if (trimmed.length !== 3) return undefined;
  if (c === 1 || c === 3 || c === 4) return { height: a, width: b, channels: c, isChannelFirst: false };
  if (a === 1 || a === 3 || a === 4) return { height: b, width: c, channels: a, isChannelFirst: true };
  return undefined;
}

function unitToBytes(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= -0.001 && value <= 1.001))
      throw badObservation(`a float image with the value ${value}`, "values in [0, 1]", "Send uint8 for 0..255");
    bytes[i] = Math.round(255 * Math.min(1, Math.max(0, value)));
  }
  return bytes;
}

/** Turns an image by 180 degrees. */
export function rotated180({ widthPx, heightPx, data }: RgbImage): RgbImage {
  const turned = new Uint8Array(data.length);
  const nPixels = widthPx * heightPx;
  for (let i = 0; i < nPixels; i++) for (let c = 0; c < 3; c++) turned[i * 3 + c] = data[(nPixels - 1 - i) * 3 + c]!;
  return { widthPx, heightPx, data: turned };
}

/** Where a centre crop that keeps `area` of an image lies, in px. */
export function centreCropBox(widthPx: number, heightPx: number, area: number) {
  const side = Math.sqrt(area);
  const width = Math.max(1, Math.round(widthPx * side));
  const height = Math.max(1, Math.round(heightPx * side));
  return { x: Math.floor((widthPx - width) / 2), y: Math.floor((heightPx - height) / 2), width, height };
}

/** The centre of an image; the image itself when all of it is kept. */
export function centreCropped(image: RgbImage, area: number): RgbImage {
  if (area === 1) return image;
  const { x, y, width, height } = centreCropBox(image.widthPx, image.heightPx, area);
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * image.widthPx + x) * 3;
    data.set(image.data.subarray(from, from + width * 3), row * width * 3);
  }
  return { widthPx: width, heightPx: height, data };
}
