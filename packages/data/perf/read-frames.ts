import { fileURLToPath } from "node:url";
import type { Dataset } from "../src/index.ts";

/** A path relative to the repository's root. */
export const repositoryPath = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));

/** Episodes loaded ahead of the one whose images are being decoded. */
const AHEAD = 2;

/** Reads episodes in order and decodes every image of the cameras; returns how many frames came. */
export async function readFrames(
  dataset: Dataset,
  indices: ArrayLike<number>,
  cameras: readonly string[],
): Promise<number> {
  let frames = 0;
  const order = Array.from(indices);
  const loads = order.slice(0, AHEAD).map((index) => dataset.episode(index));
  const decodes: Promise<unknown>[] = [];
  for (let i = 0; i < order.length; i++) {
    const next = order[i + AHEAD];
    if (next !== undefined) loads.push(dataset.episode(next));
    const episode = await loads[i]!;
    for (const camera of cameras) for (let t = 0; t < episode.nFrames; t++) decodes.push(episode.image(camera, t));
    frames += episode.nFrames;
    if (decodes.length >= 256) await Promise.all(decodes.splice(0, 128));
  }
  await Promise.all(decodes);
  return frames;
}
