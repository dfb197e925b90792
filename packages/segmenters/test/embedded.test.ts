import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeImage, decodeMaskPng, maskArea, maskBox, maskIou, type BinaryMask, type RgbImage } from "@pixelvla/data";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { afterAll, describe, expect, test } from "vitest";
import { colourShape, colourTracker, grabcut } from "../src/index.ts";

const context = { engine: onnxruntimeEngine({ provider: "cpu", threads: 1 }), threads: 1 };
const WITHOUT_NETWORK = { tabletop: false };

/** A picture of 64 x 64: grey ground with some grain, and rectangles. */
function painted(
  ...rectangles: readonly { x: number; y: number; w: number; h: number; rgb: readonly number[] }[]
): RgbImage {
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => 150 + ((i * 7919) % 13));
  for (const { x, y, w, h, rgb } of rectangles)
    for (let v = y; v < y + h; v++) for (let u = x; u < x + w; u++) data.set(rgb, 3 * (64 * v + u));
  return { widthPx: 64, heightPx: 64, data };
}
const filled = (x: number, y: number, w: number, h: number): BinaryMask => ({
  widthPx: 64,
  heightPx: 64,
  data: Uint8Array.from({ length: 64 * 64 }, (_, i) => {
    const [u, v] = [i % 64, Math.floor(i / 64)];
    return u >= x && u < x + w && v >= y && v < y + h ? 1 : 0;
  }),
});
const RED = [200, 30, 30];
const GREEN = [40, 160, 50];
const DARK = [30, 30, 34];
const SHADOW = [70, 66, 62];

describe("by colour alone", () => {
  test("the phrase's colour decides what is found, its size word between two of the colour", async () => {
    const detector = await colourShape.open(WITHOUT_NETWORK, context);
    const image = painted(
      { x: 5, y: 40, w: 8, h: 8, rgb: RED },
      { x: 30, y: 30, w: 16, h: 16, rgb: RED },
      { x: 50, y: 5, w: 9, h: 9, rgb: GREEN },
    );
    const best = async (phrase: string) => (await detector.detect(image, [phrase]))[0]?.box;
    expect(await best("green block")).toEqual({ x0: 50, y0: 5, x1: 59, y1: 14 });
    expect(await best("small red block")).toEqual({ x0: 5, y0: 40, x1: 13, y1: 48 });
    expect(await best("large red block")).toEqual({ x0: 30, y0: 30, x1: 46, y1: 46 });
    expect(await best("blue block")).toBeUndefined();
    await detector.dispose();
  });

  test("a box or a point cuts out the object it is on, and not its neighbour", async () => {
    const segmenter = await grabcut.open(WITHOUT_NETWORK, context);
    const image = painted({ x: 10, y: 20, w: 14, h: 10, rgb: RED }, { x: 40, y: 20, w: 14, h: 10, rgb: RED });
    const features = await segmenter.encode(image);
    for (const prompt of [{ box: { x0: 9, y0: 19, x1: 25, y1: 31 } }, { points: [{ x: 17, y: 25, isObject: true }] }]) {
      const [best] = await segmenter.segment(features, prompt);
      expect(maskIou(best!.mask, filled(10, 20, 14, 10))).toBeGreaterThan(0.95);
    }
    await expect(segmenter.segment(features, { points: [] })).rejects.toMatchObject({ code: "PVLA_SEGMENT_PROMPT" });
    await segmenter.dispose();
  });

  test("an object is followed while fingers hide its middle and a shadow falls beside it; its double stays out", async () => {
    const places = [4, 7, 10, 13, 16, 19];
    const frames = places.map((x, t) =>
      painted(
        { x: x - 6, y: 32, w: 26, h: 5, rgb: t < 2 ? [156, 156, 156] : SHADOW },
        { x: 44, y: 20, w: 14, h: 10, rgb: RED },
        { x, y: 20, w: 14, h: 10, rgb: RED },
        ...(t < 2 ? [] : [{ x: x + 5, y: 5, w: 3, h: 25, rgb: DARK }]),
      ),
    );
    const tracker = await colourTracker.open(WITHOUT_NETWORK, context);
    const session = await tracker.start({ nFrames: frames.length, read: (t) => Promise.resolve(frames[t]!) });
    await session.prompt(0, 1, { mask: filled(4, 20, 14, 10), box: { x0: 4, y0: 20, x1: 18, y1: 30 } });
    const ious: number[] = [];
    for await (const { frameIndex, objects } of session.propagate({ fromFrame: 0, direction: "forward" })) {
      const truth = filled(places[frameIndex]!, 20, 14, 10);
      if (frameIndex >= 2)
        truth.data.forEach((_, i) => i % 64 >= places[frameIndex]! + 5 && i % 64 < places[frameIndex]! + 8 && (truth.data[i] = 0)); // prettier-ignore
      ious.push(maskIou(objects[0]!.mask!, truth));
    }
    expect(ious).toHaveLength(6);
    expect(Math.min(...ious)).toBeGreaterThan(0.85);
    await tracker.dispose();
  });
});

describe("on the tabletop: a green block beside a green bottle, of which only the network tells the shapes apart", async () => {
  const golden = (name: string) => readFileSync(fileURLToPath(new URL(`golden/tabletop/${name}.png`, import.meta.url)));
  const frames = await Promise.all([0, 1, 2, 3, 4].map((k) => decodeImage(golden(`frame-${k}`))));
  const masks = [0, 1, 2, 3, 4].map((k) => decodeMaskPng(golden(`mask-${k}`)));
  const options = { tabletop: true };
  const opened = {
    detector: await colourShape.open(options, context),
    segmenter: await grabcut.open(options, context),
  };
  afterAll(() => Promise.all([opened.detector.dispose(), opened.segmenter.dispose()]));

  test("the phrase finds the block, and its box becomes a mask that fits", async () => {
    const [found] = await opened.detector.detect(frames[0]!, ["green block"]);
    const truth = maskBox(masks[0]!)!;
    expect(found!.score).toBeGreaterThan(0.3);
    for (const side of ["x0", "y0", "x1", "y1"] as const)
      expect(Math.abs(found!.box[side] - truth[side])).toBeLessThanOrEqual(2);
    const features = await opened.segmenter.encode(frames[0]!);
    const [best] = await opened.segmenter.segment(features, { box: found!.box });
    expect(maskIou(best!.mask, masks[0]!)).toBeGreaterThan(0.85);
  });

  test("the hand is found as the robot, above the block", async () => {
    const [hand] = await opened.detector.detect(frames[0]!, ["robot gripper"]);
    expect(hand!.box.y0).toBeLessThan(10);
    expect(hand!.box.x0).toBeLessThan(maskBox(masks[0]!)!.x1);
  });

  test("the mask stays on the block through a grasp and its carrying past the bottle", async () => {
    const tracker = await colourTracker.open(options, context);
    const session = await tracker.start({ nFrames: frames.length, read: (t) => Promise.resolve(frames[t]!) });
    await session.prompt(0, 1, { mask: masks[0]!, box: maskBox(masks[0]!)! });
    const ious: number[] = [];
    for await (const { frameIndex, objects } of session.propagate({ fromFrame: 0, direction: "forward" }))
      ious.push(maskIou(objects[0]!.mask!, masks[frameIndex]!));
    expect(ious).toHaveLength(5);
    expect(Math.min(...ious)).toBeGreaterThan(0.7);
    expect(maskArea(masks[0]!)).toBeGreaterThan(40);
    await tracker.dispose();
  });
});
