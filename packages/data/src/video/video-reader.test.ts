import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { sharedData } from "../../test/shared-data.ts";
import { VideoReader } from "./video-reader.ts";

const clip = sharedData("irasim-languagetable/example.mp4");
const fixture = fileURLToPath(
  new URL("../../test/golden/lerobot-v3/videos/observation.images.primary/chunk-000/file-000.mp4", import.meta.url),
);

test.skipIf(clip.absent)(
  "H.264 with a single key frame: any order gives the frames that playing through gives",
  async () => {
    const reader = await VideoReader.open(clip.path, "example.mp4");
    expect(reader.info).toMatchObject({ widthPx: 640, heightPx: 360, codec: "h264", fps: 4, nFrames: 18 });
    const times = await reader.frameTimes();
    expect([...times]).toEqual(Array.from({ length: 18 }, (_, i) => i / 4));
    const inOrder = [];
    for (const time of times) inOrder.push(Buffer.from((await reader.frameAt(time, 0.01)).data));
    for (const i of [17, 3, 4, 0, 16, 15, 15])
      expect(Buffer.compare((await reader.frameAt(times[i]!, 0.01)).data, inOrder[i]!)).toBe(0);
    await reader.close();
  },
);

test("a closed reader refuses, after serving what was asked before", async () => {
  const reader = await VideoReader.open(fixture, "file-000.mp4");
  const asked = reader.frameAt(0.3, 0.01);
  const closed = reader.close();
  expect((await asked).widthPx).toBe(64);
  await closed;
  expect(reader.isClosed).toBe(true);
  await expect(reader.frameAt(0, 0.01)).rejects.toMatchObject({ code: "PVLA_DATA_VIDEO" });
});

test("without the optional decoder the error says what to install", async () => {
  vi.resetModules();
  vi.doMock("node-av/lib", () => {
    throw new Error("Cannot find package 'node-av'");
  });
  const { VideoReader: Fresh } = await import("./video-reader.ts");
  await expect(Fresh.open(fixture, "file-000.mp4")).rejects.toMatchObject({
    code: "PVLA_DATA_DECODER",
    message: expect.stringContaining("npm install node-av") as string,
  });
  vi.doUnmock("node-av/lib");
});
