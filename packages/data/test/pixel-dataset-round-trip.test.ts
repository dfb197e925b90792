import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import type { Dataset } from "../src/episode.ts";
import { openDataset } from "../src/open.ts";
import { openAnnotations } from "../src/pixel-dataset/annotation-reader.ts";
import { convertDataset } from "../src/pixel-dataset/convert-dataset.ts";
import { openPixelDataset } from "../src/pixel-dataset/pixel-dataset-reader.ts";
import { sidecarDataset, SidecarWriter } from "../src/pixel-dataset/sidecar-writer.ts";
import { syntheticAnnotation } from "./synthetic-episode.ts";

const BRIDGE = fileURLToPath(new URL("../../../../shared/data/octo-bridge-debug/bridge_dataset", import.meta.url));
const G1 = fileURLToPath(new URL("../../../../shared/data/lerobot-v21-g1", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pixelvla-round-trip-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every value of an episode, images as stored bytes. */
async function everything(dataset: Dataset, position: number, nImages: number) {
  const episode = await dataset.episode(dataset.episodeIndices[position]!);
  const {
    split,
    task,
    nFrames,
    nRawFrames,
    state,
    action,
    rawAction,
    rawFrameIndex,
    timestampS,
    rawGripper,
    rawGripperCommand,
    rawOpening,
  } = episode;
  const images: string[] = [];
  for (const { key } of dataset.info.cameras)
    for (let i = 0; i < nImages; i++)
      images.push(
        Buffer.from((await episode.encodedImage(key, Math.floor((i * nFrames) / nImages))).bytes).toString("base64"),
      );
  return {
    split,
    task,
    nFrames,
    nRawFrames,
    state,
    action,
    rawAction,
    rawFrameIndex,
    timestampS,
    rawGripper,
    rawGripperCommand,
    rawOpening,
    images,
  };
}

test.skipIf(!existsSync(BRIDGE))(
  "every value of the real Bridge records survives reader -> pixel dataset -> reader (needs ../shared)",
  async () => {
    const source = await openDataset(BRIDGE);
    const root = join(folder, "bridge");
    const sidecar = await SidecarWriter.open(join(folder, "bridge.annotations"), sidecarDataset(source.info));
    const first = await source.episode(source.episodeIndices[0]!);
    const annotations = Array.from(first.rawFrameIndex, (_, t) => syntheticAnnotation(1, t));
    await sidecar.add({
      episodeIndex: first.episodeIndex,
      split: first.split,
      task: first.task,
      rawFrameIndex: first.rawFrameIndex,
      annotations,
      run: "test",
    });
    await sidecar.close();
    const report = await convertDataset(source, root, { annotations: sidecar.root, commitEpisodes: 20 });
    expect(report).toMatchObject({ nAdded: 50, nSkipped: 0, nAnnotated: first.nFrames, damage: [] });
    expect(await convertDataset(source, root)).toMatchObject({ nAdded: 0, nSkipped: 50 });

    const back = await openPixelDataset(root);
    expect(back.info).toMatchObject({
      name: source.info.name,
      splits: ["train", "val"],
      cameras: source.info.cameras,
      standardisation: "bridge",
    });
    expect(back.episodeIndices).toHaveLength(50);
    for (let position = 0; position < 50; position++)
      expect(await everything(back, position, 2)).toEqual(await everything(source, position, 2));
    const reader = await openAnnotations(root);
    expect((await reader.episode(0))!.annotations).toEqual(annotations);
    const val = await openPixelDataset(root, { split: "val" });
    expect(val.episodeIndices).toHaveLength(source.episodeIndices.length / 2);
    await Promise.all([reader.close(), back.close(), val.close(), source.close()]);
  },
  60_000,
);

test.skipIf(!existsSync(G1))(
  "a LeRobot v2.1 set with video becomes a v3 set with video, frames in place (needs ../shared)",
  async () => {
    const source = await openDataset(G1, { onDamage: "skip" });
    const root = join(folder, "g1");
    expect(await convertDataset(source, root, { images: "h264", end: 1 })).toMatchObject({ nAdded: 1 });
    const back = await openPixelDataset(root);
    const [before, after] = [await source.episode(source.episodeIndices[0]!), await back.episode(0)];
    expect([...after.state]).toEqual([...before.state]);
    expect([...after.action]).toEqual([...before.action]);
    const camera = source.info.cameras[0]!.key;
    for (const t of [0, 1, 77, before.nFrames - 1]) {
      const [a, b] = [await before.image(camera, t), await after.image(camera, t)];
      const difference = a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]!), 0) / a.data.length;
      expect(difference).toBeLessThan(6);
    }
    await Promise.all([back.close(), source.close()]);
  },
  120_000,
);
