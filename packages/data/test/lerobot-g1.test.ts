import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDataset, type Dataset } from "../src/index.ts";
import { VideoReader } from "../src/video/video-reader.ts";
import { sharedData } from "./shared-data.ts";

const g1 = sharedData("lerobot-v21-g1");
const title = (text: string) => (g1.absent ? `${text} (skipped: no ${g1.path})` : text);
const CAMERA = "observation.images.cam_high";
let dataset: Dataset | undefined;

beforeAll(async () => {
  if (!g1.absent) dataset = await openDataset(g1.path);
});
afterAll(() => dataset?.close());

const open = () => dataset!;

test.skipIf(g1.absent)(
  title("a LeRobot 2.1 set cut to two episodes lists those two and names what is missing"),
  async () => {
    expect(open().info).toMatchObject({
      format: "lerobot-v2.1",
      version: "v2.1",
      fps: 30,
      nEpisodes: 2,
      nEpisodesDeclared: 100,
      nFrames: 393 + 221,
      cameras: [{ key: CAMERA, widthPx: 640, heightPx: 480 }],
      standardisation: "generic",
    });
    expect(open().info.missingFiles).toHaveLength(98);
    expect(open().info.actionNames[25]).toBe("kRightHandThumbRotation");
    const list = [];
    for await (const { episodeIndex, nFrames, task, split } of open().summaries())
      list.push({ episodeIndex, nFrames, task, split });
    const task = "Pick up the yellow bottle on the table.";
    expect(list).toEqual([
      { episodeIndex: 1, nFrames: 393, task, split: "train" },
      { episodeIndex: 29, nFrames: 221, task, split: "train" },
    ]);
  },
);

test.skipIf(g1.absent)(title("asking for an episode whose file is missing says so"), async () => {
  await expect(open().episode(0)).rejects.toMatchObject({ code: "PVLA_DATA_MISSING_FILE" });
  await expect(open().episode(100)).rejects.toMatchObject({ code: "PVLA_DATA_EPISODE" });
});

test.skipIf(g1.absent)(title("both episodes have one AV1 frame for every row of the table"), async () => {
  // Both repeat frames exactly (the camera was slower than the recorder), as decoding straight through shows too.
  for (const [index, nFrames, nDistinct] of [
    [1, 393, 293],
    [29, 221, 165],
  ] as const) {
    const episode = await open().episode(index);
    expect([episode.nFrames, episode.action.length, episode.state.length]).toEqual([
      nFrames,
      nFrames * 26,
      nFrames * 26,
    ]);
    const sums: string[] = [];
    for (let start = 0; start < nFrames; start += 16) {
      const frames = Array.from({ length: Math.min(16, nFrames - start) }, (_, k) => episode.image(CAMERA, start + k));
      for (const { widthPx, heightPx, data } of await Promise.all(frames)) {
        expect([widthPx, heightPx, data.length]).toEqual([640, 480, 640 * 480 * 3]);
        sums.push(checksum(data));
      }
    }
    expect(new Set(sums).size).toBe(nDistinct);
    for (const t of [nFrames - 1, 0, 100, 7, 8, 200, 1])
      expect(checksum((await episode.image(CAMERA, t)).data)).toBe(sums[t]);
    const together = await Promise.all([3, 150, 4, 0].map((t) => episode.image(CAMERA, t)));
    expect(together.map(({ data }) => checksum(data))).toEqual([3, 150, 4, 0].map((t) => sums[t]));
  }
});

test.skipIf(g1.absent)(
  title("every row's timestamp is a frame's time in the video, to a tenth of a millisecond"),
  async () => {
    for (const index of [1, 29]) {
      const episode = await open().episode(index);
      const name = `videos/chunk-000/${CAMERA}/episode_${String(index).padStart(6, "0")}.mp4`;
      const reader = await VideoReader.open(`${g1.path}/${name}`, name);
      const times = await reader.frameTimes();
      await reader.close();
      expect(times).toHaveLength(episode.nFrames);
      episode.timestampS.forEach((timeS, t) => expect(Math.abs(timeS - times[t]!)).toBeLessThan(1e-4));
    }
  },
);

test.skipIf(g1.absent)(title("a frame of video can be had as JPEG"), async () => {
  const episode = await open().episode(29);
  const { mime, bytes } = await episode.encodedImage(CAMERA, 220);
  expect([mime, bytes[0], bytes[1]]).toEqual(["image/jpeg", 0xff, 0xd8]);
});

const checksum = (data: Uint8Array) => createHash("sha1").update(data).digest("hex");
