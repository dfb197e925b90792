import { resizeRgb, type ResizeKernel, type RgbImage } from "@pixelvla/data";

/** Size and geometry of the image a policy sees. */
export interface ImageFit {
  readonly height: number;
  readonly width: number;
  /** `squash` changes the aspect ratio as OpenVLA does; `letterbox` pads with black as pi0 does. */
  readonly fit: "squash" | "letterbox";
  /** Kernel, as Pillow's; default `lanczos`, which OpenVLA's and OFT's training data were resized with. */
  readonly resample?: ResizeKernel;
}

/** Where the picture lies in the fitted image, in its pixels: rounded down, as openpi's `resize_with_pad`. */
export function contentBox(widthPx: number, heightPx: number, { width, height, fit }: ImageFit) {
  if (fit === "squash") return { x: 0, y: 0, width, height };
  const ratio = Math.max(widthPx / width, heightPx / height);
  const content = {
    width: Math.max(1, Math.trunc(widthPx / ratio)),
    height: Math.max(1, Math.trunc(heightPx / ratio)),
  };
  return { x: (width - content.width) >> 1, y: (height - content.height) >> 1, ...content };
}

/**
 * Fits an image to the policy's size; bytes `[H, W, 3]`, equal to Pillow's to the last bit (the public models' processors
 * resize with it). An image of that size passes unchanged.
 */
export function fitImage(image: RgbImage, fit: ImageFit): Promise<Uint8Array> {
  const { height, width, resample: kernel = "lanczos" } = fit;
  if (image.heightPx === height && image.widthPx === width) return Promise.resolve(image.data);
  const box = contentBox(image.widthPx, image.heightPx, fit);
  const { data } = resizeRgb(image, box.width, box.height, { kernel, flavour: "pillow" });
  if (box.width === width && box.height === height) return Promise.resolve(data);
  const padded = new Uint8Array(height * width * 3);
  const stride = box.width * 3;
  for (let y = 0; y < box.height; y++)
    padded.set(data.subarray(y * stride, (y + 1) * stride), ((box.y + y) * width + box.x) * 3);
  return Promise.resolve(padded);
}

/** Bytes 0..255 as float32 in [0, 1], into `target` from `offset`. */
export function bytesToUnit(bytes: Uint8Array, target: Float32Array, offset: number): void {
  for (let i = 0; i < bytes.length; i++) target[offset + i] = bytes[i]! / 255;
}
