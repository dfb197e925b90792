import { maskBox, type BinaryMask, type PixelBox, type RgbImage } from "@pixelvla/data";
import { expect, test, vi } from "vitest";
import { choose, type Look } from "./yolo-prompts.ts";
import type { YoloScene } from "./yolo-seg.ts";

const [WIDTH, HEIGHT] = [120, 80];
const image: RgbImage = { widthPx: WIDTH, heightPx: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT * 3) };
image.data[3 * (30 * WIDTH + 50)] = 77; // marks where the close-up was cut

/** A scene whose instances are filled boxes. */
function sceneOf({ widthPx, heightPx }: { widthPx: number; heightPx: number }, boxes: readonly PixelBox[]): YoloScene {
  const mask = ({ box }: { box: PixelBox }): BinaryMask => {
    const data = new Uint8Array(widthPx * heightPx);
    for (let y = box.y0; y < box.y1; y++) data.fill(1, y * widthPx + box.x0, y * widthPx + box.x1);
    return { widthPx, heightPx, data };
  };
  const instances = boxes.map((box, index) => ({
    box,
    score: 0.5,
    classId: 0,
    index,
    coefficients: new Float32Array(),
  }));
  return { widthPx, heightPx, instances, mask };
}

const small = { x0: 46, y0: 26, x1: 56, y1: 36 };
const table = { x0: 0, y0: 0, x1: WIDTH, y1: HEIGHT };
const point = { x: 50, y: 30, isObject: true };
/** Finds the small object about the mark, and notes what it was shown. */
const closer = () =>
  vi.fn<Look>((part) => {
    const mark = part.data.findIndex((value) => value === 77) / 3;
    const [x, y] = [mark % part.widthPx, Math.floor(mark / part.widthPx)];
    return Promise.resolve(sceneOf(part, [{ x0: x - 4, y0: y - 4, x1: x + 6, y1: y + 6 }]));
  });

test("a box and a point whose object is found in the whole picture need no second look", async () => {
  const look = closer();
  const scene = sceneOf(image, [table, small]);
  for (const prompt of [{ box: { x0: 45, y0: 25, x1: 57, y1: 37 } }, { points: [point] }]) {
    const [best] = await choose(image, scene, prompt, look);
    expect(maskBox(best!.mask)).toEqual(small);
  }
  expect(look).not.toHaveBeenCalled();
});

test("an object that the whole picture does not show is found in a close-up, in the picture's pixels", async () => {
  for (const prompt of [{ box: { x0: 45, y0: 25, x1: 57, y1: 37 } }, { points: [point] }]) {
    const look = closer();
    const [best] = await choose(image, sceneOf(image, [table]), prompt, look);
    expect(maskBox(best!.mask)).toEqual(small);
    const [part] = look.mock.calls[0]!;
    expect(part.widthPx).toBeLessThan(HEIGHT);
  }
});

test("where the close-up shows nothing either, what there was stays; nothing at all is an empty mask", async () => {
  const nothing: Look = (part) => Promise.resolve(sceneOf(part, []));
  const [best] = await choose(image, sceneOf(image, [table]), { points: [point] }, nothing);
  expect(maskBox(best!.mask)).toEqual(table);
  expect(await choose(image, sceneOf(image, []), { points: [point] }, nothing)).toMatchObject([{ score: 0 }]);
});

test("a negative point rules out the mask that holds it; without a positive one there is no prompt", async () => {
  const scene = sceneOf(image, [table, { x0: 40, y0: 20, x1: 60, y1: 40 }]);
  const negative = { x: 100, y: 70, isObject: false };
  const [best] = await choose(image, scene, { points: [point, negative] }, closer());
  expect(maskBox(best!.mask)!.x0).toBe(40);
  await expect(choose(image, scene, { points: [negative] }, closer())).rejects.toMatchObject({
    code: "PVLA_SEGMENT_PROMPT",
  });
});
