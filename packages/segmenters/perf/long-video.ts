// node --conditions=@pixelvla/source --import tsx packages/segmenters/perf/long-video.ts [frames]
// Follows two objects through a made video (500 frames if not said) with a small random SAM 2.1, and prints the memory of this
// process every 50 frames; then goes back over the first 20 frames, which reads memories that were written to a file.
import { onnxruntimeEngine } from "@pixelvla/engines";
import { Sam2Model } from "../src/sam2/model.ts";
import { Sam2FrameModel } from "../src/sam2/video/frame-model.ts";
import { Sam2Session } from "../src/sam2/video/session.ts";
import { unpackModel } from "../test/sam2-golden.ts";
import { movingSquare } from "./sam2-folder.ts";

const nFrames = Number(process.argv[2] ?? 500);
const [WIDTH, HEIGHT] = [320, 240];
/** Small enough that most memories of the video go to the file: 64 frames of one object. */
const MEMORIES = 64;

const folder = await unpackModel("sam2-one-head");
try {
  const sam2 = await Sam2Model.open(folder.path, { engine: onnxruntimeEngine({ provider: "cpu" }), threads: 1 });
  const model = await Sam2FrameModel.create(sam2);
  const grid = sam2.config.imageSize / 16;
  const session = new Sam2Session(
    model,
    { nFrames, read: (i) => Promise.resolve(movingSquare(i, WIDTH, HEIGHT)) },
    { fillHolesArea: 8, nonOverlapping: true, memoryBytes: MEMORIES * 2 * grid * grid * model.memory.width },
  );
  const start = performance.now();
  const report = (frameIndex: number) => {
    const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
    const [resident, heap, arrays] = [rss, heapUsed, arrayBuffers].map((bytes) => `${Math.round(bytes / 2 ** 20)} MB`);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(
      `frame ${frameIndex}: ${session.nMemoriesKept} memories kept, resident ${resident}, heap ${heap}, arrays ${arrays}, ${seconds} s`,
    );
  };
  await session.prompt(0, 1, { box: { x0: 0, y0: 80, x1: 60, y1: 140 } });
  await session.prompt(0, 2, { points: [{ x: 250, y: 60, isObject: true }] });
  for await (const { frameIndex } of session.propagate({ fromFrame: 0, direction: "forward" }))
    if (frameIndex % 50 === 0 || frameIndex === nFrames - 1) report(frameIndex);
  for await (const { frameIndex } of session.propagate({ fromFrame: 20, direction: "backward" }))
    if (frameIndex === 0) report(frameIndex);
  await session.dispose();
  await sam2.dispose();
} finally {
  await folder.remove();
}
