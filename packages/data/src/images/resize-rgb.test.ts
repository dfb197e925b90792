import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { RgbImage } from "../episode.ts";
import { decodeImage } from "./decode.ts";
import { resizeRgb, type ResizeKernel } from "./resize-rgb.ts";

const SHARED = new URL("../../../../../shared/data/", import.meta.url);
const golden = JSON.parse(readFileSync(new URL("../../test/golden/resize.json", import.meta.url), "utf8")) as {
  cases: { picture: string; kernel: ResizeKernel | "letterbox"; width: number; height: number; sha256: string }[];
};

/** The same bytes as tools/peers/golden_resize.py makes. */
function noise(widthPx: number, heightPx: number): RgbImage {
  let x = 1;
  const next = () => (x = (Math.imul(1664525, x) + 1013904223) >>> 0) >>> 24;
  return { widthPx, heightPx, data: Uint8Array.from({ length: widthPx * heightPx * 3 }, next) };
}

async function picture(name: string): Promise<RgbImage | undefined> {
  const size = /^noise (\d+)x(\d+)$/.exec(name);
  if (size !== null) return noise(Number(size[1]), Number(size[2]));
  const file = new URL(name, SHARED);
  return existsSync(file) ? decodeImage(readFileSync(file)) : undefined;
}

const names = [...new Set(golden.cases.map((c) => c.picture))];

test.each(names)("%s resizes to Pillow's bytes with every kernel", async (name) => {
  const image = await picture(name);
  if (image === undefined) return void process.stderr.write(`skipped: ../shared/data/${name} is not here\n`);
  const cases = golden.cases.filter((c) => c.picture === name && c.kernel !== "letterbox");
  expect(cases.length).toBeGreaterThan(10);
  for (const { kernel, width, height, sha256 } of cases) {
    const { data } = resizeRgb(image, width, height, { kernel: kernel as ResizeKernel, flavour: "pillow" });
    const found = createHash("sha256").update(data).digest("hex");
    expect({ kernel, width, height, sha256: found }).toEqual({ kernel, width, height, sha256 });
  }
});

test("an image of the size passes as it is", () => {
  const image = noise(5, 4);
  expect(resizeRgb(image, 5, 4)).toBe(image);
});
