import type { RgbImage } from "@pixelvla/data";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { openGolden, type Golden } from "@pixelvla/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FrameSource, SegmentPrompt, TrackedFrame, TrackedObject } from "../src/index.ts";
import { Sam2Model } from "../src/sam2/model.ts";
import { Sam2FrameModel } from "../src/sam2/video/frame-model.ts";
import { Sam2Session } from "../src/sam2/video/session.ts";
import { expectMask } from "./expect-mask.ts";
import {
  digest,
  GOLDENS,
  hasPictures,
  largestDifference,
  readPicture,
  readSidecar,
  rectangle,
  unpackModel,
} from "./sam2-golden.ts";

interface Sidecar {
  readonly frames: readonly string[];
  readonly hashes: Readonly<Record<string, string>> & { readonly frames: readonly string[] };
}

const TOLERANCE = 1e-3;
const TIMEOUT_MS = 180_000;

describe.skipIf(!hasPictures).each(["sam2-one-head", "sam2-two-heads"])("%s on a video of 12 frames", (name) => {
  let folder: Awaited<ReturnType<typeof unpackModel>>;
  let golden: Golden;
  let sidecar: Sidecar;
  let frames: RgbImage[];
  let model: Sam2FrameModel;
  let source: FrameSource;
  beforeAll(async () => {
    golden = await openGolden(GOLDENS, `${name}-video`);
    sidecar = await readSidecar(`${name}-video`);
    folder = await unpackModel(name);
    const engine = onnxruntimeEngine({ provider: "cpu" });
    model = await Sam2FrameModel.create(await Sam2Model.open(folder.path, { engine, threads: 1 }));
    frames = await Promise.all(sidecar.frames.map(readPicture));
    source = { nFrames: frames.length, read: (frameIndex) => Promise.resolve(frames[frameIndex]!) };
  }, TIMEOUT_MS);
  afterAll(async () => {
    await model.sam2.dispose();
    await folder.remove();
  });

  const start = () => new Sam2Session(model, source, { fillHolesArea: 0, nonOverlapping: false });

  async function expectObject(session: Sam2Session, key: string, found: TrackedObject): Promise<void> {
    const tensor = `${key}.object${found.objectId}`;
    const seen = session.lastSeen(found.objectId)!;
    expect(largestDifference(seen.logits, await golden.read(`${tensor}.logits`)), tensor).toBeLessThan(TOLERANCE);
    expect(largestDifference([seen.objectScore], await golden.read(`${tensor}.score`)), tensor).toBeLessThan(TOLERANCE);
    const side = Math.sqrt(seen.logits.length);
    const peer = { width: side, height: side, data: await golden.read(`${tensor}.logits`) };
    const { widthPx, heightPx } = frames[0]!;
    const mask = found.mask?.data ?? new Uint8Array(widthPx * heightPx);
    expectMask(mask, peer, sidecar.hashes[tensor]!, frames[0]!, tensor);
  }

  async function expectFrames(
    session: Sam2Session,
    pass: string,
    follow: AsyncIterable<TrackedFrame>,
  ): Promise<number[]> {
    const visited: number[] = [];
    for await (const { frameIndex, objects } of follow) {
      visited.push(frameIndex);
      for (const found of objects) await expectObject(session, `${pass}.frame${frameIndex}`, found);
    }
    return visited;
  }

  const inPixels = (points: readonly (readonly [number, number, boolean])[]): SegmentPrompt => ({
    points: points.map(([x, y, isObject]) => ({ x: x * frames[0]!.widthPx, y: y * frames[0]!.heightPx, isObject })),
  });

  test("the frames are the peer's", () => {
    expect(frames.map(({ data }) => digest(data))).toEqual(sidecar.hashes.frames);
  });

  test(
    "two objects, a correction and a pass backwards",
    async () => {
      const session = start();
      const { widthPx: w, heightPx: h } = frames[0]!;
      const first = await session.prompt(
        0,
        1,
        inPixels([
          [0.4, 0.5, true],
          [0.1, 0.1, false],
        ]),
      );
      await expectObject(session, "first.frame0", first);
      const box = { x0: 0.55 * w, y0: 0.3 * h, x1: 0.8 * w, y1: 0.9 * h };
      await expectObject(session, "first.frame3", await session.prompt(3, 2, { box }));
      const all = [...frames.keys()];
      expect(await expectFrames(session, "forward", session.propagate({ fromFrame: 0, direction: "forward" }))).toEqual(
        all,
      );

      const corrections = {
        1: [
          [0.45, 0.5, true],
          [0.9, 0.2, false],
        ],
        2: [
          [0.6, 0.6, true],
          [0.2, 0.6, false],
        ],
      } as const;
      for (const objectId of [1, 2] as const) {
        const corrected = await session.prompt(6, objectId, inPixels(corrections[objectId]));
        await expectObject(session, "correction.frame6", corrected);
      }
      await expectFrames(session, "again", session.propagate({ fromFrame: 7, direction: "forward" }));
      const back = await expectFrames(session, "reverse", session.propagate({ fromFrame: 5, direction: "backward" }));
      expect(back).toEqual([5, 4, 3, 2, 1, 0]);

      // A corrected frame is shown again as it was corrected, not tracked over.
      for await (const { objects } of session.propagate({ fromFrame: 6, direction: "forward", maxFrames: 1 }))
        for (const found of objects) await expectObject(session, "correction.frame6", found);
      await session.dispose();
    },
    TIMEOUT_MS,
  );

  test(
    "mask prompts, one of them empty, and a single click followed backwards",
    async () => {
      const session = start();
      await session.prompt(2, 1, { mask: rectangle(frames[2]!, [0.3, 0.3, 0.6, 0.8]) });
      const { widthPx, heightPx } = frames[2]!;
      const empty = { widthPx, heightPx, data: new Uint8Array(widthPx * heightPx) };
      const absent = await session.prompt(2, 2, { mask: empty });
      expect(absent.mask).toBeUndefined();
      expect(absent.score).toBeLessThan(0.01);
      const follow = session.propagate({ fromFrame: 2, direction: "forward", maxFrames: 4 });
      expect(await expectFrames(session, "mask", follow)).toEqual([2, 3, 4, 5]);
      await session.dispose();

      const clicked = start();
      await expectObject(clicked, "click.frame1", await clicked.prompt(1, 7, inPixels([[0.5, 0.5, true]])));
      await expectFrames(clicked, "click", clicked.propagate({ fromFrame: 1, direction: "backward" }));
      await clicked.dispose();
    },
    TIMEOUT_MS,
  );
});
