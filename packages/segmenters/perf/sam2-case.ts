import { join } from "node:path";
import { Random } from "@pixelvla/core";
import { writeSafetensors } from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { Sam2Model } from "../src/sam2/model.ts";
import { encoderProgram } from "../src/sam2/programs.ts";
import { Sam2Segmenter } from "../src/sam2/segmenter.ts";
import { Sam2FrameModel } from "../src/sam2/video/frame-model.ts";
import { Sam2Session } from "../src/sam2/video/session.ts";
import { movingSquare, writeSam2Folder, type Sam2Size } from "./sam2-folder.ts";

export interface Sam2Params {
  readonly size: Sam2Size;
  /**
   * `encoder`: one picture of 1024 x 1024. `click`: a point's three masks of 640 x 480 on an encoded picture. `track`: one
   * object in a frame that is encoded already, with a full memory of seven frames and nine pointers.
   */
  readonly part: "encoder" | "click" | "track";
  readonly threads: number;
  readonly folder: string;
}

const [WIDTH, HEIGHT] = [640, 480];
/** Tracked before the measured frame, so that every slot of the memory is taken. */
const N_BEFORE = 8;

/** SAM 2.1 at a published size with random weights, which the peer reads from `folder`, as it does inputs and our output. */
export async function sam2Side({ size, part, threads, folder }: Sam2Params) {
  await writeSam2Folder(folder, size);
  const sam2 = await Sam2Model.open(folder, { engine: onnxruntimeEngine({ provider: "cpu" }), threads });
  const keep = (tensors: Readonly<Record<string, Float32Array>>) =>
    writeSafetensors(
      join(folder, "feeds.safetensors"),
      Object.entries(tensors).map(([name, data]) => ({ name, dtype: "float32" as const, shape: [data.length], data })),
    );
  const close = () => sam2.dispose();

  if (part === "encoder") {
    const random = new Random("sam2");
    const pixels = Float32Array.from({ length: 3 * 1024 * 1024 }, () => 2 * random.uniform() - 1);
    const run = () => sam2.run("encoder", () => encoderProgram(sam2.config), { pixels });
    const { embedding } = await run();
    await keep({ pixels, expected: embedding as Float32Array });
    return { run, close };
  }
  if (part === "click") {
    const segmenter = new Sam2Segmenter(sam2);
    const features = await segmenter.encode(movingSquare(0, WIDTH, HEIGHT));
    await sam2.release("encoder");
    const prompt = { points: [{ x: 200, y: 150, isObject: true }] };
    const logits = await segmenter.logits(features, prompt);
    const expected = Float32Array.from(logits.flatMap((found) => [...found.logits.data]));
    const { highRes0, highRes1, embedding } = features;
    await keep({ highRes0, highRes1, embedding, expected });
    return { run: () => segmenter.segment(features, prompt), close };
  }
  const pictures = Array.from({ length: N_BEFORE + 1 }, (_, i) => movingSquare(i, WIDTH, HEIGHT));
  const frames = { nFrames: pictures.length, read: (i: number) => Promise.resolve(pictures[i]!) };
  const model = await Sam2FrameModel.create(sam2);
  const session = new Sam2Session(model, frames, { fillHolesArea: 0, nonOverlapping: false });
  await session.prompt(0, 1, { box: { x0: 0, y0: 150, x1: 130, y1: 290 } });
  const follow = async (fromFrame: number, maxFrames: number) => {
    for await (const { objects } of session.propagate({ fromFrame, direction: "forward", maxFrames }))
      if (objects.length !== 1) throw new Error(`internal: ${objects.length} objects instead of one`);
  };
  await follow(1, N_BEFORE);
  await keep({
    frames: Float32Array.from(pictures.flatMap(({ data }) => [...data])),
    expected: session.lastSeen(1)!.logits,
  });
  return { run: () => follow(N_BEFORE, 1), close };
}
