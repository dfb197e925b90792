import type { BinaryMask } from "@pixelvla/data";
import sharp from "sharp";
import { maskSizeDiffers } from "../errors.ts";

/** A mask as 8-bit grey PNG, base64; 255 on the object. */
export async function maskToPng({ widthPx, heightPx, data }: BinaryMask): Promise<string> {
  const grey = data.map((value) => (value === 0 ? 0 : 255));
  const png = await sharp(grey, { raw: { width: widthPx, height: heightPx, channels: 1 } })
    .png()
    .toBuffer();
  return png.toString("base64");
}

/** @throws PVLA_STUDIO_MASK when it has another size than the picture, or is no picture at all */
export async function maskFromPng(
  base64: string,
  picture: { readonly widthPx: number; readonly heightPx: number },
): Promise<BinaryMask> {
  const size = `${picture.widthPx} x ${picture.heightPx}`;
  const decoded = await sharp(Buffer.from(base64, "base64"), { limitInputPixels: 1 << 26 })
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch(() => {
      throw maskSizeDiffers("no readable picture, 0 x 0", size);
    });
  const { width, height } = decoded.info;
  if (width !== picture.widthPx || height !== picture.heightPx) throw maskSizeDiffers(`${width} x ${height}`, size);
  const data = new Uint8Array(decoded.data.length);
  decoded.data.forEach((value, i) => (data[i] = value > 127 ? 1 : 0));
  return { widthPx: width, heightPx: height, data };
}
