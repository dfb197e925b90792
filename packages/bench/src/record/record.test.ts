import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { decodeCocoRle, decodeImage, openAnnotations, openDataset } from "@pixelvla/data";
import { afterAll, expect, test } from "vitest";

import { recordEpisode, type Demonstration } from "./record-episode.ts";
import { DEFAULT_NOISE, NO_NOISE } from "./noisy-expert.ts";
import { pixelDatasetSink } from "./pixel-dataset-sink.ts";
import { recordDemonstrations, type DemonstrationSink } from "./record-demonstrations.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-bench-"));
afterAll(() => rmSync(folder, { recursive: true }));

const plan = { embodiment: "widowx", tasks: ["pick"], variants: ["base"], imageSizePx: 32, threads: 0 } as const;

test("labels are the expert's clean actions, executed ones carry the noise", async () => {
  const key = { embodiment: "widowx", task: "pick", variant: "base", seed: 100_003 } as const;
  const noise = { ...DEFAULT_NOISE, noisyShare: 1 };
  const [noisy, clean] = [
    await recordEpisode(key, { imageSizePx: 32, noise }),
    await recordEpisode(key, { imageSizePx: 32, noise: NO_NOISE }),
  ];
  expect(clean.demonstration!.action).toEqual(clean.demonstration!.executedAction);
  expect(noisy.demonstration!.action).not.toEqual(noisy.demonstration!.executedAction);
  expect(noisy.demonstration!.action.slice(0, 7)).toEqual(clean.demonstration!.action.slice(0, 7));
  // The expert's steps stay within its pace whatever the noise did.
  expect(noisy.demonstration!.action.every((value, i) => i % 7 >= 3 || Math.abs(value) <= 0.0401)).toBe(true);
});

test("a recording reads back as a dataset: images, state, clean actions, instruction and exact masks", async () => {
  const root = join(folder, "pick");
  const kept: Demonstration[] = [];
  const sink = await pixelDatasetSink(root, "widowx", 32);
  const watching: DemonstrationSink = {
    ...sink,
    async add(demonstration) {
      kept.push(demonstration);
      await sink.add(demonstration);
    },
  };
  const report = await recordDemonstrations({ ...plan, nEpisodes: 3 }, watching);
  expect(report.nRecorded + Object.values(report.dropped).reduce((sum, n) => sum + n, 0)).toBe(3);

  const dataset = await openDataset(root);
  expect(dataset.info).toMatchObject({ nEpisodes: kept.length, fps: 5 });
  const annotations = await openAnnotations(root);
  for (const [i, demonstration] of kept.entries()) {
    const episode = await dataset.episode(i);
    expect(episode.task).toBe(demonstration.instruction);
    expect(episode.action).toEqual(demonstration.action);
    expect(episode.state).toEqual(demonstration.state);
    const stored = await episode.encodedImage(dataset.info.cameras[0]!.key, 0);
    const image = await decodeImage(stored.bytes);
    expect(Buffer.from(image.data)).toEqual(Buffer.from(demonstration.images.subarray(0, 3 * 32 * 32)));
    const first = (await annotations.episode(i))!.annotations[0];
    expect(first?.model).toBe("tabletop-ray-cast");
    expect(Buffer.from(decodeCocoRle(first!.mask!).data)).toEqual(
      Buffer.from(demonstration.masks.subarray(0, 32 * 32)),
    );
  }
  await annotations.close();
  await dataset.close();
});

test("two workers' episodes reach the sink one at a time", async () => {
  let [nOpen, most, nAdded] = [0, 0, 0];
  const sink: DemonstrationSink = {
    has: () => false,
    async add() {
      most = Math.max(most, ++nOpen);
      await new Promise((resolve) => setTimeout(resolve, 300)); // longer than an episode takes
      nOpen--;
      nAdded++;
    },
    close: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
  const report = await recordDemonstrations({ ...plan, threads: 2, nEpisodes: 6 }, sink);
  expect(most).toBe(1);
  expect(nAdded).toBe(report.nRecorded);
});

test("a resumed recording adds only what is missing", async () => {
  const root = join(folder, "resumed");
  const first = await recordDemonstrations({ ...plan, nEpisodes: 1 }, await pixelDatasetSink(root, "widowx", 32));
  const second = await recordDemonstrations({ ...plan, nEpisodes: 2 }, await pixelDatasetSink(root, "widowx", 32));
  expect([first.nSkipped, second.nSkipped]).toEqual([0, first.nRecorded]);
  expect(second.nAttempts).toBe(2 - first.nRecorded);
});
