// node --conditions=@pixelvla/source --import tsx packages/segmenters/perf/full-size-sam2.ts tiny|small|base-plus|large [frames]
// A picture, a click and a tracked video (10 frames if not said) at a published size with random weights: seconds and peak memory of this process.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { Sam2Model } from "../src/sam2/model.ts";
import { Sam2Segmenter } from "../src/sam2/segmenter.ts";
import { Sam2FrameModel } from "../src/sam2/video/frame-model.ts";
import { Sam2Session } from "../src/sam2/video/session.ts";
import { movingSquare, writeSam2Folder, type Sam2Size } from "./sam2-folder.ts";

const [WIDTH, HEIGHT] = [640, 480];

const size = process.argv[2] as Sam2Size;
const nFrames = Number(process.argv[3] ?? 10);
const folder = await mkdtemp(join(tmpdir(), "pixelvla-sam2-"));
try {
  await writeSam2Folder(folder, size);
  const start = performance.now();
  const report = async (what: string) => {
    const peak = /VmHWM:\s+(\d+)/.exec(await readFile("/proc/self/status", "utf8"))?.[1];
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.log(`${size}: ${what} at ${seconds} s, peak memory ${Math.round(Number(peak) / 1024)} MB`);
  };
  const sam2 = await Sam2Model.open(folder, { engine: onnxruntimeEngine({ provider: "cpu" }), threads: 2 });
  await report("opened");
  const segmenter = new Sam2Segmenter(sam2);
  const features = await segmenter.encode(movingSquare(0, WIDTH, HEIGHT));
  if (!features.embedding.every(Number.isFinite)) throw new Error("the embedding is not finite");
  await report("picture encoded, compilation included");
  const found = await segmenter.segment(features, { points: [{ x: 60, y: 200, isObject: true }] });
  await report(`clicked (${found.length} masks)`);
  const frames = { nFrames, read: (i: number) => Promise.resolve(movingSquare(i, WIDTH, HEIGHT)) };
  const model = await Sam2FrameModel.create(sam2);
  const session = new Sam2Session(model, frames, { fillHolesArea: 8, nonOverlapping: false });
  await session.prompt(0, 1, { box: { x0: 0, y0: 150, x1: 130, y1: 290 } });
  await report("prompted in video");
  for await (const { frameIndex } of session.propagate({ fromFrame: 1, direction: "forward" }))
    await report(`frame ${frameIndex} tracked`);
  if (!session.lastSeen(1)!.logits.every(Number.isFinite)) throw new Error("the last mask is not finite");
  await session.dispose();
  await sam2.dispose();
} finally {
  await rm(folder, { recursive: true, force: true });
}
