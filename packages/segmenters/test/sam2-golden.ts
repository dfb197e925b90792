import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { decodeImage, type BinaryMask, type RgbImage } from "@pixelvla/data";
import { expect } from "vitest";
import { resizeAndThreshold, resizePlane, type FloatPlane } from "../src/image/resize-plane.ts";

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

/** How near to zero a logit must be for its pixel to differ, and most such pixels of the 518 400 of a mask (15 were seen). */
const ROUNDING = 1e-4;
const MAX_DIFFERING = 24;

/**
 * Compares a mask with the peer's. Cut at zero, the peer's own logits give its mask, bit for bit; ours may differ where a
 * logit is zero but for rounding, as there the order of a sum decides.
 */
export function expectMask(mask: Uint8Array, peer: FloatPlane, hash: string, size: PictureSize, what: string): void {
  const { widthPx, heightPx } = size;
  expect(digest(resizeAndThreshold(peer, widthPx, heightPx, 0)), what).toBe(hash);
  const { data } = resizePlane(peer, widthPx, heightPx);
  let nDiffering = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i]! > 0 === (mask[i] === 1)) continue;
    nDiffering++;
    expect(Math.abs(data[i]!), what).toBeLessThan(ROUNDING);
  }
  expect(nDiffering, what).toBeLessThanOrEqual(MAX_DIFFERING);
}

interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}
