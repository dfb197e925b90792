import sharp from "sharp";
import type { EncodedImage, RgbImage } from "../episode.ts";
import { jpegHeader, type JpegHeader } from "./jpeg-header.ts";
import { jpegPool } from "./jpeg-pool.ts";

/** No robot camera comes near this; a larger header is a decompression bomb. */
const MAX_PIXELS = 8192 * 8192;

/** Up to here the worker threads' decoder is faster than sharp with its cost for every call; measured at 64 and 256 pixels. */
const MAX_POOL_PIXELS = 128 * 128;

/**
 * Decodes a JPEG or PNG to RGB off the main thread: small JPEGs in worker threads, everything else on libvips' threads. Grey images become grey RGB, alpha is dropped,
 * 16-bit values keep their upper eight bits, EXIF orientation is not applied (as in TensorFlow and PIL).
 */
export async function decodeImage(bytes: Uint8Array): Promise<RgbImage> {
  if (fitsPool(jpegHeader(bytes))) {
    const image = await jpegPool.decode(bytes);
    if (image) return image; // what the pool finds fault with, sharp explains or refuses below
  }
  const { data, info } = await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: "warning" })
    .toColourspace("srgb")
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return {
    widthPx: info.width,
    heightPx: info.height,
    data: info.channels === 3 ? data : greyToRgb(data, info.channels),
  };
}

/** Encodes raw RGB as PNG (exact) or JPEG. */
export async function encodeImage(image: RgbImage, as: "png" | "jpeg"): Promise<EncodedImage> {
  const raw = { width: image.widthPx, height: image.heightPx, channels: 3 as const };
  const picture = sharp(image.data, { raw });
  const coded =
    as === "png" ? picture.png({ compressionLevel: 3 }) : picture.jpeg({ quality: 92, chromaSubsampling: "4:4:4" });
  return { mime: `image/${as}`, bytes: await coded.toBuffer() };
}

/** MIME type by the first bytes; undefined for anything but JPEG and PNG. */
export function imageMime(bytes: Uint8Array): "image/jpeg" | "image/png" | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return "image/jpeg";
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return "image/png";
  return undefined;
}

function fitsPool(header: JpegHeader | undefined): boolean {
  if (header?.bitsPerSample !== 8 || (header.nComponents !== 3 && header.nComponents !== 1)) return false;
  const nPixels = header.widthPx * header.heightPx;
  return nPixels > 0 && nPixels <= MAX_POOL_PIXELS;
}

function greyToRgb(data: Uint8Array, channels: number): Uint8Array {
  const nPixels = data.length / channels;
  const rgb = new Uint8Array(nPixels * 3);
  for (let i = 0; i < nPixels; i++) rgb.fill(data[i * channels]!, i * 3, i * 3 + 3);
  return rgb;
}
