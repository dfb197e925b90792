import { onnxruntimeEngine } from "@pixelvla/engines";
import { maskArea, type BinaryMask, type RgbImage } from "@pixelvla/data";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Sam2Model } from "../src/sam2/model.ts";
import { Sam2FrameModel } from "../src/sam2/video/frame-model.ts";
import { Sam2Session, type SessionOptions } from "../src/sam2/video/session.ts";
import { Sam2Tracker } from "../src/sam2/video/tracker.ts";
import { largestDifference, unpackModel } from "./sam2-golden.ts";

const TIMEOUT_MS = 180_000;
const [WIDTH, HEIGHT] = [96, 64];
const PLAIN: SessionOptions = { fillHolesArea: 0, nonOverlapping: false };

/** A bright square that moves over a pattern. */
function movingSquare(frameIndex: number, widthPx = WIDTH, heightPx = HEIGHT): RgbImage {
  const data = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0, i = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++, i += 3) {
      const inside = Math.abs(x - 20 - 2 * frameIndex) < 12 && Math.abs(y - 30) < 12;
      data.set(inside ? [230, 60, 40] : [(x * 3 + y) % 120, (y * 5) % 120, (x * 7) % 120], i);
    }
  return { widthPx, heightPx, data };
}
const video = (nFrames: number) => ({ nFrames, read: (i: number) => Promise.resolve(movingSquare(i)) });
const BOX = { x0: 8, y0: 18, x1: 32, y1: 42 };

let folder: Awaited<ReturnType<typeof unpackModel>>;
let model: Sam2FrameModel;
beforeAll(async () => {
  folder = await unpackModel("sam2-one-head");
  const sam2 = await Sam2Model.open(folder.path, { engine: onnxruntimeEngine({ provider: "cpu" }), threads: 1 });
  model = await Sam2FrameModel.create(sam2);
}, TIMEOUT_MS);
afterAll(async () => {
  await model.sam2.dispose();
  await folder.remove();
});

describe("long video", () => {
  test(
    "memory tokens are bounded, and what went through the file gives the same masks",
    async () => {
      const nFrames = 14;
      const side = model.sam2.config.imageSize / 16;
      const oneEntry = 2 * side * side * model.memory.width;
      const bounded = new Sam2Session(model, video(nFrames), { ...PLAIN, memoryBytes: 3 * oneEntry });
      const roomy = new Sam2Session(model, video(nFrames), PLAIN);
      for (const session of [bounded, roomy]) await session.prompt(0, 1, { box: BOX });
      const follow = (session: Sam2Session) => session.propagate({ fromFrame: 1, direction: "forward" });
      const reference = follow(roomy)[Symbol.asyncIterator]();
      for await (const { frameIndex } of follow(bounded)) {
        expect((await reference.next()).value).toMatchObject({ frameIndex });
        expect(bounded.nMemoriesKept).toBeLessThanOrEqual(3);
        expect(roomy.nMemoriesKept).toBe(frameIndex + 1);
        expect(largestDifference(bounded.lastSeen(1)!.logits, roomy.lastSeen(1)!.logits)).toBe(0);
      }
      // A pass backwards reads the oldest memories again.
      for (const session of [bounded, roomy])
        for await (const found of session.propagate({ fromFrame: 12, direction: "backward", maxFrames: 3 }))
          expect(found.objects).toHaveLength(1);
      expect(largestDifference(bounded.lastSeen(1)!.logits, roomy.lastSeen(1)!.logits)).toBe(0);
      await bounded.dispose();
      await roomy.dispose();
    },
    TIMEOUT_MS,
  );
});

describe("options", () => {
  const masksOf = async (options: SessionOptions): Promise<BinaryMask[]> => {
    const session = new Sam2Session(model, video(2), options);
    await session.prompt(0, 1, { box: BOX });
    await session.prompt(0, 2, { points: [{ x: 60, y: 30, isObject: true }] });
    const masks: BinaryMask[] = [];
    for await (const { objects } of session.propagate({ fromFrame: 0, direction: "forward", maxFrames: 1 }))
      for (const { mask } of objects) if (mask !== undefined) masks.push(mask);
    await session.dispose();
    return masks;
  };
  const overlap = ([a, b]: BinaryMask[]) => a!.data.reduce((n, v, i) => n + (v & b!.data[i]!), 0);
  const union = ([a, b]: BinaryMask[]) => a!.data.reduce((n, v, i) => n + (v | b!.data[i]!), 0);

  test(
    "nonOverlapping gives every pixel of several objects to one of them",
    async () => {
      const plain = await masksOf(PLAIN);
      const exclusive = await masksOf({ ...PLAIN, nonOverlapping: true });
      expect(plain).toHaveLength(2);
      expect(overlap(plain)).toBeGreaterThan(0);
      expect(overlap(exclusive)).toBe(0);
      expect(union(exclusive)).toBe(union(plain));
    },
    TIMEOUT_MS,
  );

  test(
    "fillHolesArea only adds pixels to a mask",
    async () => {
      const [plain] = await masksOf(PLAIN);
      const [whole] = await masksOf({ ...PLAIN, fillHolesArea: 400 });
      expect(maskArea(whole!)).toBeGreaterThan(maskArea(plain!));
      expect(plain!.data.every((v, i) => v <= whole!.data[i]!)).toBe(true);
    },
    TIMEOUT_MS,
  );
});

describe("what makes no sense is refused with a sentence", () => {
  const session = () => new Sam2Session(model, video(3), PLAIN);
  const collect = async (frames: AsyncIterable<unknown>) => {
    const all: unknown[] = [];
    for await (const frame of frames) all.push(frame);
    return all;
  };

  test("a video without frames, and frames it does not have", async () => {
    const tracker = new Sam2Tracker(model, PLAIN);
    await expect(tracker.start(video(0))).rejects.toMatchObject({ code: "PVLA_TRACK_FRAME" });
    await expect(session().prompt(3, 1, { box: BOX })).rejects.toMatchObject({
      code: "PVLA_TRACK_FRAME",
      message: expect.stringContaining("0 to 2") as string,
    });
    await expect(session().prompt(0.5, 1, { box: BOX })).rejects.toMatchObject({ code: "PVLA_TRACK_FRAME" });
  });

  test("propagation without an object", async () => {
    const frames = session().propagate({ fromFrame: 0, direction: "forward" });
    await expect(collect(frames)).rejects.toMatchObject({ code: "PVLA_TRACK_NO_OBJECT" });
  });

  test(
    "a mask together with a box, no prompt, and a point outside",
    async () => {
      const mask = { widthPx: WIDTH, heightPx: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT).fill(1) };
      for (const prompt of [{ mask, box: BOX }, {}, { points: [{ x: 97, y: 3, isObject: true }] }])
        await expect(session().prompt(0, 1, prompt)).rejects.toMatchObject({ code: "PVLA_SEGMENT_PROMPT" });
    },
    TIMEOUT_MS,
  );

  test(
    "a frame of another size names the frame and both sizes",
    async () => {
      const source = { nFrames: 2, read: (i: number) => Promise.resolve(movingSquare(i, WIDTH + i, HEIGHT)) };
      const changed = new Sam2Session(model, source, PLAIN);
      await changed.prompt(0, 1, { box: BOX });
      await expect(collect(changed.propagate({ fromFrame: 1, direction: "forward" }))).rejects.toMatchObject({
        code: "PVLA_TRACK_FRAME_SIZE",
        message: expect.stringMatching(/frame 1: .*97x64.*96x64/) as string,
      });
      await changed.dispose();
    },
    TIMEOUT_MS,
  );

  test(
    "an empty mask says that the object is not there",
    async () => {
      const away = session();
      const mask = { widthPx: WIDTH, heightPx: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT) };
      const found = await away.prompt(0, 1, { mask });
      expect(found.mask).toBeUndefined();
      expect(found.score).toBeLessThan(0.01);
      await away.dispose();
    },
    TIMEOUT_MS,
  );
});
