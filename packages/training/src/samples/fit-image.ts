import type { RgbImage } from "@pixelvla/data";
import sharp from "sharp";

/** Size and geometry of the image a policy sees. */
export interface ImageFit {
  readonly height: number;
  readonly width: number;
  /** `squash` changes the aspect ratio as OpenVLA does; `letterbox` pads with black as pi0 does. */
  readonly fit: "squash" | "letterbox";
}

/** Fits an image to the policy's size with Lanczos-3; bytes `[H, W, 3]`. An image of that size passes unchanged. */
export async function fitImage(image: RgbImage, { height, width, fit }: ImageFit): Promise<Uint8Array> {
  if (image.heightPx === height && image.widthPx === width) return image.data;
  const raw = { width: image.widthPx, height: image.heightPx, channels: 3 } as const;
  return sharp(image.data, { raw })
    .resize(width, height, { fit: fit === "squash" ? "fill" : "contain", background: "#000000", kernel: "lanczos3" })
    .removeAlpha()
    .raw()
    .toBuffer();
}

/** Bytes 0..255 as float32 in [0, 1], into `target` from `offset`. */
export function bytesToUnit(bytes: Uint8Array, target: Float32Array, offset: number): void {
  for (let i = 0; i < bytes.length; i++) target[offset + i] = bytes[i]! / 255;
}
