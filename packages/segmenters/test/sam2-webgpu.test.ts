import { onnxruntimeEngine } from "@pixelvla/engines";
import { openGolden } from "@pixelvla/testing";
import { expect, test } from "vitest";
import { Sam2Model } from "../src/sam2/model.ts";
import { Sam2Segmenter } from "../src/sam2/segmenter.ts";
import { Sam2FrameModel } from "../src/sam2/video/frame-model.ts";
import { Sam2Session } from "../src/sam2/video/session.ts";
import { GOLDENS, hasPictures, largestDifference, readPicture, readSidecar, unpackModel } from "./sam2-golden.ts";

const NAME = "sam2-one-head";
const TOLERANCE = 1e-3;
const providers = await onnxruntimeEngine().providers();
const webgpu = providers.find(({ provider }) => provider === "webgpu");

test.skipIf(webgpu?.present !== true || !hasPictures)(
  `webgpu (${webgpu?.detail ?? "unknown"}) agrees with transformers too: encoder, decoder, memory`,
  async () => {
    const folder = await unpackModel(NAME);
    const engine = onnxruntimeEngine({ provider: "webgpu" });
    const sam2 = await Sam2Model.open(folder.path, { engine });
    const images = await openGolden(GOLDENS, `${NAME}-images`);
    const { hashes } = await readSidecar<{ hashes: { picture0: { path: string } } }>(`${NAME}-images`);
    const segmenter = new Sam2Segmenter(sam2);
    const picture = await readPicture(hashes.picture0.path);
    const features = await segmenter.encode(picture);
    const { prompts } = await readSidecar<{ prompts: { box: { box: [number, number, number, number] } } }>(
      `${NAME}-images`,
    );
    const [x0, y0, x1, y1] = prompts.box.box;
    const { widthPx: w, heightPx: h } = picture;
    const box = { x0: x0 * w, y0: y0 * h, x1: x1 * w, y1: y1 * h };
    const [found] = await segmenter.logits(features, { box });
    expect(largestDifference(found!.logits.data, await images.read("picture0.box.logits"))).toBeLessThan(TOLERANCE);

    // Object 1 of the golden, prompted in frame 0, then followed: memory encoder and memory attention.
    const video = await openGolden(GOLDENS, `${NAME}-video`);
    const { frames } = await readSidecar<{ frames: string[] }>(`${NAME}-video`);
    const pictures = await Promise.all(frames.slice(0, 3).map(readPicture));
    const source = { nFrames: frames.length, read: (i: number) => Promise.resolve(pictures[i]!) };
    const session = new Sam2Session(await Sam2FrameModel.create(sam2), source, {
      fillHolesArea: 0,
      nonOverlapping: false,
    });
    const at = (x: number, y: number, isObject: boolean) => ({
      x: x * pictures[0]!.widthPx,
      y: y * pictures[0]!.heightPx,
      isObject,
    });
    await session.prompt(0, 1, { points: [at(0.4, 0.5, true), at(0.1, 0.1, false)] });
    for await (const { frameIndex } of session.propagate({ fromFrame: 1, direction: "forward", maxFrames: 2 })) {
      const expected = await video.read(`forward.frame${frameIndex}.object1.logits`);
      expect(largestDifference(session.lastSeen(1)!.logits, expected)).toBeLessThan(TOLERANCE);
    }
    await session.dispose();
    await segmenter.dispose();
    await folder.remove();
  },
  240_000,
);
