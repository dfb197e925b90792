import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { contentBox, fitImage } from "./fit-image.ts";

/** Written by tools/peers/golden_resize.py with openpi-client's `resize_with_pad`. */
const golden = JSON.parse(readFileSync(new URL("../../../data/test/golden/resize.json", import.meta.url), "utf8")) as {
  cases: { picture: string; kernel: string; width: number; height: number; sha256: string }[];
};

function noise(widthPx: number, heightPx: number) {
  let x = 1;
  const next = () => (x = (Math.imul(1664525, x) + 1013904223) >>> 0) >>> 24;
  return { widthPx, heightPx, data: Uint8Array.from({ length: widthPx * heightPx * 3 }, next) };
}

test.each(golden.cases.filter(({ kernel, picture }) => kernel === "letterbox" && picture.startsWith("noise")))(
  "letterboxing $picture gives openpi's bytes",
  async ({ picture, width, height, sha256 }) => {
    const [, w, h] = /(\d+)x(\d+)/.exec(picture)!;
    const bytes = await fitImage(noise(Number(w), Number(h)), {
      width,
      height,
      fit: "letterbox",
      resample: "bilinear",
    });
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  },
);

test("squash fills the image, letterbox centres the picture in it", () => {
  expect(contentBox(640, 480, { width: 224, height: 224, fit: "squash" })).toMatchObject({ x: 0, y: 0, height: 224 });
  expect(contentBox(640, 480, { width: 224, height: 224, fit: "letterbox" })).toEqual({
    x: 0,
    y: 28,
    width: 224,
    height: 168,
  });
});
