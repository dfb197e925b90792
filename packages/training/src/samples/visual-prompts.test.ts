import { POINT_LABEL, Random } from "@pixelvla/core";
import { encodeCocoRle, frameAnnotation } from "@pixelvla/data";
import { expect, test } from "vitest";
import { contentBox, fitImage } from "./fit-image.ts";
import { drawPrompt, fitAnnotation, fitMask, pointMapper } from "./visual-prompts.ts";

/** An 8 x 4 image whose object is the pixels x 4..5, y 1..2. */
const data = Uint8Array.from({ length: 32 }, (_, i) => (i % 8 >= 4 && i % 8 < 6 && i >= 8 && i < 24 ? 1 : 0));
const annotation = frameAnnotation({
  camera: "image",
  phrase: "cup",
  score: 1,
  model: "m",
  modelVersion: "1",
  mask: encodeCocoRle({ widthPx: 8, heightPx: 4, data }),
  points: [{ x: 4, y: 1, isObject: true }],
  lines: [
    [
      [4, 1],
      [5, 1],
      [5, 2],
    ],
  ],
  box: { x0: 4, y0: 1, x1: 6, y1: 3 },
});
const area = (mask: Uint8Array) => mask.reduce((sum, value) => sum + value, 0);

test("squash maps the mask, points and box as fractions of the image", () => {
  const fitted = fitAnnotation(annotation, { height: 8, width: 8, fit: "squash" })!;
  expect(area(fitted.mask)).toBe(8); // twice as tall
  expect(fitted.mask[2 * 8 + 4]).toBe(1);
  expect(fitted.prompts.point).toEqual([{ x: 4.5 / 8, y: 1.5 / 4, label: POINT_LABEL.positive }]);
  expect(fitted.prompts.box.map(({ x, label }) => [x, label])).toEqual([
    [4.5 / 8, POINT_LABEL.boxTopLeft],
    [5.5 / 8, POINT_LABEL.boxBottomRight],
  ]);
});

test("letterbox keeps the aspect ratio and pads mask and prompts alike", () => {
  const fitted = fitAnnotation(annotation, { height: 8, width: 8, fit: "letterbox" })!;
  expect(area(fitted.mask)).toBe(4);
  expect(fitted.mask[3 * 8 + 4]).toBe(1); // two rows of padding above
  expect(fitted.prompts.point[0]!.y).toBeCloseTo(3.5 / 8, 6);
});

test("letterbox puts a mask on exactly the pixels that fitImage puts the object on, where sizes do not divide", async () => {
  for (const [widthPx, heightPx] of [
    [97, 50],
    [50, 97],
    [33, 32],
  ] as const) {
    const fit = { height: 64, width: 64, fit: "letterbox" } as const;
    const white = { widthPx, heightPx, data: new Uint8Array(widthPx * heightPx * 3).fill(255) };
    const full = { widthPx, heightPx, data: new Uint8Array(widthPx * heightPx).fill(1) };
    const image = await fitImage(white, fit);
    expect([...fitMask(full, fit)]).toEqual(Array.from({ length: 64 * 64 }, (_, i) => image[i * 3]! / 255));
    const corner = pointMapper(widthPx, heightPx, fit)(widthPx - 0.5, heightPx - 0.5, 1);
    const box = contentBox(widthPx, heightPx, fit);
    expect([corner.x * 64, corner.y * 64].map((v) => Number(v.toFixed(6)))).toEqual([
      box.x + box.width,
      box.y + box.height,
    ]);
  }
});

test("a line becomes eight points at equal distances, ends included", () => {
  const { line } = fitAnnotation(annotation, { height: 4, width: 8, fit: "squash" })!.prompts;
  expect(line).toHaveLength(8);
  expect([line[0], line[7]].map((p) => [p!.x * 8 - 0.5, p!.y * 4 - 0.5])).toEqual([
    [4, 1],
    [5, 2],
  ]);
});

test("frames without a mask and rejected ones give nothing", () => {
  const fit = { height: 4, width: 8, fit: "squash" } as const;
  expect(fitAnnotation(undefined, fit)).toBeUndefined();
  expect(fitAnnotation({ ...annotation, mask: undefined }, fit)).toBeUndefined();
  expect(fitAnnotation({ ...annotation, review: "rejected" }, fit)).toBeUndefined();
});

test("a visit shows one kind of prompt, nothing at the dropout rate, and a jitter moves mask and prompt together", () => {
  const fit = { height: 4, width: 8, fit: "squash" } as const;
  const fitted = fitAnnotation(annotation, fit);
  const draw = (visit: number, dropout: number, jitterPx = 0) =>
    drawPrompt(fitted, { kinds: ["point", "mask"], dropout, jitterPx }, fit, new Random(`v${visit}`));
  const visits = Array.from({ length: 400 }, (_, i) => draw(i, 0.25));
  expect(visits.filter((v) => v === undefined).length).toBeGreaterThan(60);
  expect(visits.filter((v) => v === undefined).length).toBeLessThan(140);
  expect(new Set(visits.flatMap((v) => (v === undefined ? [] : [v.isMaskPrompt])))).toEqual(new Set([true, false]));
  expect(draw(7, 0)).toEqual(draw(7, 0));
  const moved = Array.from({ length: 40 }, (_, i) => draw(i, 0, 1)).find(
    (v) => v!.points.length > 0 && v!.points[0]!.x > 4.6 / 8,
  )!;
  expect(moved.mask[8 + 4]).toBe(0);
});
