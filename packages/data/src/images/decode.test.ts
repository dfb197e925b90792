import { expect, test } from "vitest";
import sharp from "sharp";
import { decodeImage, encodeImage } from "./decode.ts";
import { jpegHeader } from "./jpeg-header.ts";

/** A picture with structure in every channel. */
const picture = (widthPx: number, heightPx: number) => ({
  widthPx,
  heightPx,
  data: Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, i) => 127 + 100 * Math.sin(i / 40 + (i % 3))),
});
const raw = (width: number, height: number) => ({ raw: { width, height, channels: 3 as const } });

test.each([64, 128, 129, 300])(
  "JPEGs of %i pixels decode as sharp decodes them, by whichever decoder",
  async (size) => {
    const image = picture(size, size - 8);
    for (const options of [{}, { progressive: true }, { chromaSubsampling: "4:4:4" }]) {
      const jpeg = await sharp(image.data, raw(size, size - 8))
        .jpeg({ quality: 80, ...options })
        .toBuffer();
      const { data, info } = await sharp(jpeg).raw().toBuffer({ resolveWithObject: true });
      expect(jpegHeader(jpeg)).toMatchObject({ widthPx: size, heightPx: size - 8, nComponents: 3 });
      const decoded = await decodeImage(jpeg);
      expect([decoded.widthPx, decoded.heightPx]).toEqual([info.width, info.height]);
      expect(Buffer.compare(decoded.data, data)).toBe(0);
    }
  },
);

test("many small images at once come back each in its place", async () => {
  const jpegs = await Promise.all(
    Array.from({ length: 150 }, (_, i) =>
      sharp({ create: { width: 16, height: 16, channels: 3, background: { r: i, g: 0, b: 255 - i } } })
        .jpeg()
        .toBuffer(),
    ),
  );
  const decoded = await Promise.all(jpegs.map(decodeImage));
  decoded.forEach(({ data }, i) => expect(Math.abs(data[0]! - i)).toBeLessThan(4));
});

test("grey, 16-bit and transparent images become RGB", async () => {
  const grey = sharp({ create: { width: 8, height: 8, channels: 3, background: "#808080" } }).greyscale();
  for (const bytes of [
    await grey.clone().jpeg().toBuffer(),
    await grey.clone().png().toBuffer(),
    await sharp({ create: { width: 8, height: 8, channels: 4, background: { r: 128, g: 128, b: 128, alpha: 1 } } })
      .png()
      .toBuffer(),
    await grey.clone().toColourspace("grey16").png().toBuffer(),
  ]) {
    const { data } = await decodeImage(bytes);
    expect(data).toHaveLength(8 * 8 * 3);
    data.forEach((value) => expect(Math.abs(value - 128)).toBeLessThan(3));
  }
});

test("cut and garbled images are refused, and the pool goes on", async () => {
  const jpeg = await sharp(picture(64, 64).data, raw(64, 64)).jpeg().toBuffer();
  await expect(decodeImage(jpeg.subarray(0, jpeg.length >> 1))).rejects.toThrow();
  await expect(decodeImage(jpeg.subarray(0, 30))).rejects.toThrow();
  await expect(decodeImage(Buffer.from("no image"))).rejects.toThrow();
  expect((await decodeImage(jpeg)).widthPx).toBe(64);
});

test("PNG keeps every value, JPEG nearly", async () => {
  const image = picture(20, 10);
  const png = await encodeImage(image, "png");
  expect(png.mime).toBe("image/png");
  expect(Buffer.compare((await decodeImage(png.bytes)).data, image.data)).toBe(0);
  expect((await encodeImage(image, "jpeg")).mime).toBe("image/jpeg");
});
