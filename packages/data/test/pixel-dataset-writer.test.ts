import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openPixelDataset } from "../src/pixel-dataset/pixel-dataset-reader.ts";
import { PixelDatasetWriter } from "../src/pixel-dataset/pixel-dataset-writer.ts";
import { sidecarDataset, SidecarWriter } from "../src/pixel-dataset/sidecar-writer.ts";
import { syntheticEpisode, syntheticLayout } from "./synthetic-episode.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-writer-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("states, actions and recorded actions of width 1 come back value for value", async () => {
  const root = join(folder, "narrow");
  const names = { stateNames: ["gripper"], actionNames: ["gripper"], rawActionSize: 1 };
  const writer = await PixelDatasetWriter.open(root, { ...syntheticLayout("stored", []), ...names });
  const given = syntheticEpisode(3);
  const n = given.episode.nFrames;
  const values = (scale: number) => Float32Array.from({ length: n }, (_, t) => Math.sin(scale * t));
  const narrow = { state: values(1), action: values(2), rawAction: values(3) };
  await writer.add({ ...given, episode: { ...given.episode, ...narrow } });
  await writer.close();
  const dataset = await openPixelDataset(root);
  try {
    const { state, action, rawAction } = await dataset.episode(0);
    expect({ state, action, rawAction }).toEqual(narrow);
  } finally {
    await dataset.close();
  }
});

test("a second addition before the first was awaited is refused, and the first is kept", async () => {
  const root = join(folder, "overlap");
  const writer = await PixelDatasetWriter.open(root, syntheticLayout());
  const first = writer.add(syntheticEpisode(0));
  await expect(writer.add(syntheticEpisode(1))).rejects.toThrow(
    'Adding episode "synthetic/train/1": the same writer is still at work (adding episode "synthetic/train/0"). Await each call',
  );
  await expect(writer.commit()).rejects.toMatchObject({ code: "PVLA_PIXELS_OVERLAP" });
  expect(await first).toBe(true);
  expect(await writer.add(syntheticEpisode(1))).toBe(true);
  const committing = writer.commit();
  await expect(writer.add(syntheticEpisode(2))).rejects.toMatchObject({ code: "PVLA_PIXELS_OVERLAP" });
  expect(await committing).toMatchObject({ nAdded: 2, duplicates: [] });
  expect(writer.nEpisodes).toBe(2);
});

test("a sidecar's writer refuses overlapping additions too", async () => {
  const root = join(folder, "narrow");
  const dataset = await openPixelDataset(root);
  const sidecar = await SidecarWriter.open(join(folder, "sidecar"), sidecarDataset(dataset.info), {
    commitEpisodes: 1,
  });
  const { episode, annotations } = syntheticEpisode(3);
  const rawFrameIndex = episode.rawFrameIndex;
  const one = {
    episodeIndex: 0,
    split: "train",
    task: "lift",
    rawFrameIndex,
    annotations: annotations ?? [],
    run: "a",
  };
  const first = sidecar.add(one);
  await expect(sidecar.add({ ...one, episodeIndex: 1 })).rejects.toMatchObject({ code: "PVLA_PIXELS_OVERLAP" });
  expect(await first).toBe(true);
  await dataset.close();
});

test("episodes read one after the other, in jumps or twice are the same", async () => {
  const root = join(folder, "walk");
  const writer = await PixelDatasetWriter.open(root, syntheticLayout());
  for (let i = 0; i < 9; i++) {
    await writer.add(syntheticEpisode(i));
    if (i % 4 === 3) await writer.commit(); // several data files
  }
  await writer.close();
  const read = async (order: readonly number[]) => {
    const dataset = await openPixelDataset(root);
    const found = new Map<number, unknown>();
    for (const i of order) {
      const { rawAction, rawFrameIndex, timestampS, rawGripper, nRawFrames, split, task } = await dataset.episode(i);
      found.set(i, { rawAction, rawFrameIndex, timestampS, rawGripper, nRawFrames, split, task });
    }
    await dataset.close();
    return [...found].sort(([a], [b]) => a - b);
  };
  const inOrder = await read([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(await read([8, 3, 0, 6, 2, 7, 1, 5, 4])).toEqual(inOrder);
  expect(await read([2, 3, 4, 5, 4, 3, 0, 1, 2, 6, 7, 8])).toEqual(inOrder);
});
