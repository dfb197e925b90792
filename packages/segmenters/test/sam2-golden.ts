import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { decodeImage, type BinaryMask, type RgbImage } from "@pixelvla/data";

export const GOLDENS = new URL("./golden/", import.meta.url);
const DATA = fileURLToPath(new URL("../../../../shared/data/", import.meta.url));

/** Whether the real pictures are beside the repository; tests on them are skipped where not. */
export const hasPictures = existsSync(join(DATA, "sam2-notebook-media"));

/** A saved model with its weights unpacked into a temporary folder; `remove` deletes it. */
export async function unpackModel(name: string): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `${name}-`));
  const source = (file: string) => new URL(`${name}/${file}`, GOLDENS);
  for (const file of ["config.json", "preprocessor_config.json"]) await copyFile(source(file), join(path, file));
  await writeFile(join(path, "model.safetensors"), gunzipSync(await readFile(source("model.safetensors.gz"))));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function readSidecar<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(`${name}.json`, GOLDENS), "utf8")) as T;
}

export async function readPicture(path: string): Promise<RgbImage> {
  return decodeImage(await readFile(join(DATA, path)));
}

/** The first 16 hex digits of SHA-256, as the recipes write them. */
export const digest = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex").slice(0, 16);

/** A mask of 1 inside a box given in fractions of the picture. */
export function rectangle({ widthPx, heightPx }: RgbImage, box: readonly number[]): BinaryMask {
  const [x0, x1] = [box[0]!, box[2]!].map((v) => Math.round(v * widthPx)) as [number, number];
  const [y0, y1] = [box[1]!, box[3]!].map((v) => Math.round(v * heightPx)) as [number, number];
  const data = new Uint8Array(widthPx * heightPx);
  for (let y = y0; y < y1; y++) data.fill(1, y * widthPx + x0, y * widthPx + x1);
  return { widthPx, heightPx, data };
}

/** Largest absolute difference; infinite where the lengths differ or something is no number. */
export function largestDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) largest = Math.max(largest, Math.abs(found[i]! - expected[i]!));
  return Number.isNaN(largest) ? Infinity : largest;
}
