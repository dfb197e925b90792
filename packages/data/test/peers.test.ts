// What the originals (TensorFlow Datasets, lerobot, h5py) read, against what we read. Recipes: tools/peers/{tfds_bridge,write_lerobot_v3,golden_libero_hdf5}.py
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openDataset } from "../src/index.ts";
import { flattenFeatures } from "../src/rlds/features.ts";
import { rldsLayout } from "../src/rlds/layout.ts";
import { Example } from "../src/rlds/example.ts";
import { RldsRecord } from "../src/rlds/record.ts";
import { RecordFilePool } from "../src/rlds/file-pool.ts";
import { readRldsInfo } from "../src/rlds/dataset-info.ts";
import { readRecord, recordPlaces } from "../src/rlds/tfrecord.ts";
import { sharedData } from "./shared-data.ts";

const golden = fileURLToPath(new URL("golden", import.meta.url));
const json = (file: string) => JSON.parse(readFileSync(join(golden, file), "utf8")) as unknown;
const octo = sharedData("octo-bridge-debug/bridge_dataset/1.0.0");

interface TfdsEpisode {
  task: string;
  frames: number;
  action: string;
  state: string;
  embedding: string;
  flags: string;
  filePath: string;
  episodeId: number;
  images: string;
  firstImageSum: number;
  firstImageCorner: number[];
}

test.skipIf(octo.absent)(
  "TensorFlow Datasets and our reader agree on both Bridge shards, value for value",
  async () => {
    const { splits } = json("tfds-bridge.json") as { splits: Record<string, TfdsEpisode[]> };
    const info = await readRldsInfo(octo.path);
    const features: unknown = JSON.parse(readFileSync(join(octo.path, "features.json"), "utf8"));
    const layout = rldsLayout(flattenFeatures(features, "features.json"));
    const pool = new RecordFilePool();
    for (const { name, shards } of info.splits) {
      await pool.with(shards[0]!, async (file) => {
        let i = 0;
        for await (const place of recordPlaces(file)) {
          const payload = await readRecord(file, place);
          const record = new RldsRecord(payload, layout, { file: file.name });
          const example = new Example(payload, { file: file.name });
          const wanted = splits[name]![i++]!;
          const flags = ["is_first", "is_last", "is_terminal", "reward", "discount"].map(
            (key) => record.numeric(key)!.values,
          );
          const interleaved = Float32Array.from(
            { length: record.nFrames * 5 },
            (_, k) => flags[k % 5]![Math.floor(k / 5)]!,
          );
          const id = example.feature("episode_metadata/episode_id");
          const images = createHash("sha256");
          for (let camera = 0; camera < 4; camera++)
            for (const bytes of record.images(`image_${camera}`)) images.update(bytes);
          expect({
            task: record.texts("language_instruction")![0],
            frames: record.nFrames,
            action: digest(record.numeric("action")!.values),
            state: digest(record.numeric("observation/state")!.values),
            embedding: digest(record.numeric("language_embedding")!.values),
            flags: digest(interleaved),
            filePath: record.texts("episode_metadata/file_path")![0],
            episodeId: id?.kind === "int64" ? Number(id.values[0]) : undefined,
            images: images.digest("hex").slice(0, 16),
          }).toEqual({
            task: wanted.task,
            frames: wanted.frames,
            action: wanted.action,
            state: wanted.state,
            embedding: wanted.embedding,
            flags: wanted.flags,
            filePath: wanted.filePath,
            episodeId: wanted.episodeId,
            images: wanted.images,
          });
        }
        expect(i).toBe(25);
      });
    }
    await pool.close();
  },
);

test.skipIf(octo.absent)("our JPEG decoding is within a grey level or two of TensorFlow's", async () => {
  const { splits } = json("tfds-bridge.json") as { splits: Record<string, TfdsEpisode[]> };
  const dataset = await openDataset(octo.path, { split: "train", bridgeFrames: "octo" });
  let worst = 0;
  for (const [i, index] of dataset.episodeIndices.entries()) {
    const { data } = await (await dataset.episode(index)).image("image_0", 0);
    const sum = data.reduce((a, b) => a + b, 0);
    worst = Math.max(worst, Math.abs(sum - splits["train"]![i]!.firstImageSum) / data.length);
  }
  expect(worst).toBeLessThan(0.05);
  await dataset.close();
});

interface LerobotRow {
  episode: number;
  frame: number;
  task: string;
  timestamp: number;
  action: number[];
  state: number[];
  imageMean: number[];
}

test("a LeRobot v3 dataset written by lerobot reads as lerobot reads it, frames in step", async () => {
  const rows = json("lerobot-v3.expected.json") as LerobotRow[];
  const dataset = await openDataset(join(golden, "lerobot-v3"));
  expect(dataset.info).toMatchObject({ format: "lerobot-v3", fps: 10, nEpisodes: 3, nFrames: rows.length });
  const camera = dataset.info.primaryCamera!;
  for await (const { episodeIndex, task, nFrames } of dataset.summaries()) {
    const episode = await dataset.episode(episodeIndex);
    const wanted = rows.filter((row) => row.episode === episodeIndex);
    expect([task, nFrames, episode.task]).toEqual([wanted[0]!.task, wanted.length, task]);
    expect([...episode.action]).toEqual(wanted.flatMap(({ action }) => action));
    expect([...episode.state]).toEqual(wanted.flatMap(({ state }) => state));
    for (const t of [...wanted.keys()].reverse()) {
      expect(episode.timestampS[t]).toBeCloseTo(wanted[t]!.timestamp, 5);
      const { data } = await episode.image(camera, t);
      const mean = [0, 1, 2].map(
        (c) => data.reduce((sum, value, i) => (i % 3 === c ? sum + value : sum), 0) / (data.length / 3),
      );
      mean.forEach((value, c) => expect(Math.abs(value - wanted[t]!.imageMean[c]!)).toBeLessThan(1));
    }
  }
  await dataset.close();
});

interface LiberoDemo {
  frames: number;
  action: number[];
  raw_action: number[];
  state: number[];
  last_image_rotated: number[];
}

test("a LIBERO-layout file written by h5py reads right, demonstrations in numeric order", async () => {
  const expected = json("libero-hdf5/expected.json") as Record<string, LiberoDemo>;
  const dataset = await openDataset(join(golden, "libero-hdf5"));
  expect(dataset.info).toMatchObject({
    format: "libero-hdf5",
    nEpisodes: 3,
    nFrames: 15,
    primaryCamera: "agentview_rgb",
  });
  const demos = Object.values(expected);
  for await (const { episodeIndex, nFrames, task } of dataset.summaries()) {
    const wanted = demos[episodeIndex]!;
    const episode = await dataset.episode(episodeIndex);
    expect([task, nFrames]).toEqual(["turn on the stove and put the moka pot on it", wanted.frames]);
    expect([...episode.action]).toEqual(wanted.action);
    expect([...episode.rawAction]).toEqual(wanted.raw_action);
    expect([...episode.state]).toEqual(wanted.state);
    const image = await episode.image("agentview_rgb", nFrames - 1);
    expect([...image.data]).toEqual(wanted.last_image_rotated);
  }
  await dataset.close();
  const stored = await openDataset(join(golden, "libero-hdf5"), { liberoImages: "flip" });
  const demo = await stored.episode(0);
  const [flipped, wrist] = [await demo.image("agentview_rgb", 0), await demo.encodedImage("eye_in_hand_rgb", 0)];
  expect(wrist.mime).toBe("image/png");
  expect(flipped.data).toHaveLength(16 * 16 * 3);
  await stored.close();
});

function digest(values: Float32Array): string {
  return createHash("sha256")
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest("hex")
    .slice(0, 16);
}
