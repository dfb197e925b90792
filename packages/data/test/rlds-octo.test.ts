import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gripperCloses, openDataset } from "../src/index.ts";
import { sharedData } from "./shared-data.ts";

const octo = sharedData("octo-bridge-debug");
const title = (text: string) => (octo.absent ? `${text} (skipped: no ${octo.path})` : text);

/** First frame with gripper command below 0.5 of train records 0..24, as listed in the data's PROVENANCE.md. */
const FIRST_BELOW_HALF = [...[-1, -1, 9, -1, 9, 7, -1, 9, 8, 7, 7, 8, 6, 7, 5, 7, -1, 4, -1, 4, 7, 6, 8, 4, 4]];

test.skipIf(octo.absent)(
  title("all 50 records of the Bridge debug set read, with every checksum verified"),
  async () => {
    const dataset = await openDataset(octo.path);
    expect(dataset.info).toMatchObject({
      name: "bridge_dataset",
      format: "rlds",
      nEpisodes: 50,
      splits: ["train", "val"],
      fps: 5,
      primaryCamera: "image_0",
      standardisation: "bridge",
      missingFiles: [],
    });
    expect(dataset.info.cameras).toHaveLength(4);
    const tasks = new Map<string, number>();
    let bytes = 0;
    for await (const summary of dataset.summaries()) {
      expect(summary.nFrames).toBe(10);
      tasks.set(`${summary.split}: ${summary.task}`, (tasks.get(`${summary.split}: ${summary.task}`) ?? 0) + 1);
      const episode = await dataset.episode(summary.episodeIndex);
      expect([episode.nRawFrames, episode.nFrames, episode.action.length]).toEqual([10, 8, 56]);
      bytes += episode.state.length;
    }
    expect(bytes).toBe(50 * 8 * 7);
    expect(Object.fromEntries(tasks)).toEqual({
      "train: put carrot on plate": 8,
      "train: put cup from counter or drying rack into sink": 6,
      "train: turn lever vertical to front": 6,
      "train: flip pot upright which is in sink": 5,
      "val: put carrot on plate": 8,
      "val: put cup from counter or drying rack into sink": 6,
      "val: turn lever vertical to front": 6,
      "val: flip pot upright which is in sink": 5,
    });
    await dataset.close();
  },
);

test.skipIf(octo.absent)(
  title("19 of 25 Bridge debug episodes close the gripper, at the frames the provenance lists"),
  async () => {
    const dataset = await openDataset(octo.path, { split: "train" });
    const belowHalf: number[] = [];
    const binarised: number[] = [];
    for (const index of dataset.episodeIndices) {
      const episode = await dataset.episode(index);
      const [first] = gripperCloses(episode);
      belowHalf.push(first?.belowHalfFrame ?? -1);
      binarised.push(first?.commandFrame ?? -1);
    }
    await dataset.close();
    expect(belowHalf).toEqual(FIRST_BELOW_HALF);
    // Making the command binary looks ahead: in four episodes an in-between value before the close counts as closed already.
    const earlier = binarised.flatMap((frame, i) => (frame === FIRST_BELOW_HALF[i] ? [] : [[i, frame]]));
    expect(earlier).toEqual([
      [4, 8],
      [19, 3],
      [22, 7],
      [24, 3],
    ]);

    const val = await openDataset(octo.path, { split: "val" });
    const valCloses: number[] = [];
    for (const index of val.episodeIndices) {
      const [first] = gripperCloses(await val.episode(index));
      if (first) valCloses.push(first.belowHalfFrame);
    }
    await val.close();
    const sorted = FIRST_BELOW_HALF.filter((frame) => frame >= 0).sort((a, b) => a - b);
    expect(valCloses.sort((a, b) => a - b)).toEqual(sorted);
    expect(sorted).toHaveLength(19);
  },
);

test.skipIf(octo.absent)(title("every image of the Bridge debug set decodes to 64 x 64 RGB"), async () => {
  const dataset = await openDataset(octo.path, { bridgeFrames: "octo" });
  let nImages = 0;
  for (const index of dataset.episodeIndices) {
    const episode = await dataset.episode(index);
    expect(episode.nFrames).toBe(9);
    for (const { key } of dataset.info.cameras) {
      const images = await Promise.all(Array.from({ length: 9 }, (_, t) => episode.image(key, t)));
      for (const image of images) {
        expect([image.widthPx, image.heightPx, image.data.length]).toEqual([64, 64, 64 * 64 * 3]);
        nImages++;
      }
    }
  }
  expect(nImages).toBe(50 * 4 * 9);
  await dataset.close();
  const file = readdirSync(join(octo.path, "bridge_dataset/1.0.0")).find((name) => name.includes("-train"))!;
  expect(statSync(join(octo.path, "bridge_dataset/1.0.0", file)).size).toBe(3_475_142);
});
