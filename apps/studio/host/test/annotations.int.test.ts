import { cpSync } from "node:fs";
import { join } from "node:path";
import {
  encodeCocoRle,
  frameAnnotation,
  openDataset,
  sidecarDataset,
  sidecarPath,
  SidecarWriter,
} from "@pixelvla/data";
import { frameUrl, maskUrl } from "@pixelvla/studio-contract/urls";
import sharp from "sharp";
import { expect, test } from "vitest";
import { bridgeDebug, connect, get, makeWorkspace, startHost } from "./studio.ts";

test.skipIf(bridgeDebug === undefined)(
  "masks and prompts of a sidecar lie on the frames they were made for",
  async () => {
    const workspace = makeWorkspace();
    const folder = join(workspace, "datasets", "bridge");
    cpSync(bridgeDebug!, folder, { recursive: true });
    const dataset = await openDataset(folder);
    const episode = await dataset.episode(3);
    const data = new Uint8Array(64 * 64);
    for (let y = 16; y < 32; y++) data.fill(1, y * 64 + 8, y * 64 + 24);
    const annotation = frameAnnotation({
      camera: dataset.info.primaryCamera!,
      phrase: "spoon",
      score: 0.75,
      model: "test",
      modelVersion: "1",
      mask: encodeCocoRle({ widthPx: 64, heightPx: 64, data }),
      box: { x0: 8, y0: 16, x1: 24, y1: 32 },
      points: [{ x: 16, y: 24, isObject: true }],
    });
    const writer = await SidecarWriter.open(sidecarPath(dataset.info.root), sidecarDataset(dataset.info));
    const annotations = Array.from({ length: episode.nRawFrames }, (_, raw) =>
      raw === episode.rawFrameIndex[2] ? annotation : undefined,
    );
    await writer.add({
      run: "r",
      episodeIndex: 3,
      split: episode.split,
      task: episode.task,
      annotations,
      rawFrameIndex: Int32Array.from(annotations, (_, raw) => raw),
    });
    await writer.commit();
    await dataset.close();

    const host = await startHost(workspace);
    const client = connect(host);
    const { datasetId } = (await client.datasets.list.query()).find(({ name }) => name === "bridge")!;
    const { revision, primaryCamera, hasAnnotations } = await client.datasets.get.query({ datasetId });
    expect(hasAnnotations).toBe(true);
    const page = await client.datasets.episodes.query({ datasetId, filter: { annotation: ["annotated"] } });
    expect(page.rows.map(({ episodeIndex }) => episodeIndex)).toEqual([3]);
    expect(await client.datasets.annotation.query({ datasetId, episodeIndex: 3 })).toEqual({
      targetPhrase: "spoon",
      state: "annotated",
      camera: primaryCamera,
      confidence: 0.75,
      provenance: "test 1",
      frames: [
        {
          frameIndex: 2,
          box: [0.125, 0.25, 0.375, 0.5],
          points: [{ x: 0.25, y: 0.375, isPositive: true }],
          lines: [],
          confidence: 0.75,
          hasMask: true,
        },
      ],
    });
    expect(await client.datasets.annotation.query({ datasetId, episodeIndex: 4 })).toBeNull();

    const address = { datasetId, revision, episodeIndex: 3, frameIndex: 2, camera: primaryCamera! };
    const answer = await get(host, maskUrl(address));
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const png = Buffer.from(await answer.arrayBuffer());
    expect(await sharp(png).metadata()).toMatchObject({ width: 64, height: 64, channels: 1, depth: "uchar" });
    const pixels = await sharp(png).toColourspace("b-w").raw().toBuffer();
    expect(Array.from(pixels)).toEqual(Array.from(data, (value) => value * 255));
    expect((await get(host, maskUrl({ ...address, frameIndex: 1 }))).status).toBe(404);
    expect((await get(host, frameUrl(address))).status).toBe(200);
  },
);
