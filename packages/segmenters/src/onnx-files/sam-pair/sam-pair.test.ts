import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { add, extractProgram, Graph, mul, reduceSum, reshape, slice, sub, toOnnx } from "@pixelvla/core";
import { maskBox, maskIou, type RgbImage } from "@pixelvla/data";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { afterAll, expect, test } from "vitest";
import { exportSam } from "../../sam/export.ts";
import { sam } from "../../sam/sam.ts";
import { onnxSegmenter } from "../plugins.ts";

const folder = mkdtempSync(join(tmpdir(), "pixelvla-sam-pair-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const context = { engine: onnxruntimeEngine({ provider: "cpu", threads: 1 }), threads: 1, modelsDir: folder };
const open = (file: string, decoder: string) =>
  onnxSegmenter.open({ file, decoder: { file: decoder }, confidence: 0.03, nmsIou: 0.5 }, context);
const picture = (widthPx: number, heightPx: number): RgbImage => ({
  widthPx,
  heightPx,
  data: Uint8Array.from({ length: 3 * widthPx * heightPx }, (_, i) => (i * 37) % 251),
});

test("the pair that models export writes gives the masks of the sam plugin for points and boxes", async () => {
  const golden = fileURLToPath(new URL("../../../test/golden/sam-windowed", import.meta.url));
  await exportSam(golden, folder, { slots: 4 });
  const pair = await open("encoder.onnx", "decoder.onnx");
  const options = sam.options.parse({ folder: golden });
  const plugin = await sam.open(options, context);
  const image = picture(48, 40);
  const prompts = [
    { box: { x0: 5, y0: 6, x1: 30, y1: 28 } },
    { points: [{ x: 20, y: 20, isObject: true }, { x: 40, y: 5, isObject: false }] },
  ]; // prettier-ignore
  for (const prompt of prompts) {
    const [ours] = await plugin.segment(await plugin.encode(image), prompt);
    const [theirs] = await pair.segment(await pair.encode(image), prompt);
    expect(theirs!.score).toBeCloseTo(ours!.score, 4);
    expect(theirs!.mask.data).toEqual(ours!.mask.data);
  }
  await plugin.dispose();
  await pair.dispose();
});

/** A decoder of segment-anything's form that answers with a disc of radius 10 around the first point, for pictures of 64 x 48. */
function discDecoder(): Uint8Array {
  const g = new Graph();
  const embeddings = g.input("image_embeddings", "float32", [1, 4, 2, 2]);
  const coords = g.input("point_coords", "float32", [1, 2, 2]);
  const others = [
    g.input("point_labels", "float32", [1, 2]),
    g.input("mask_input", "float32", [1, 1, 256, 256]),
    g.input("has_mask_input", "float32", [1]),
    g.input("orig_im_size", "float32", [2]),
    embeddings,
  ];
  const [width, height] = [64, 48];
  const grid = (value: (x: number, y: number) => number) =>
    g.constant(
      "float32",
      [1, 1, height, width],
      Float32Array.from({ length: width * height }, (_, i) => value(i % width, Math.floor(i / width))),
    );
  const first = (axis: number) =>
    mul(reshape(slice(slice(coords, 1, 0, 1), 2, axis, axis + 1), [1, 1, 1, 1]), width / 1024);
  const away = (axis: number) =>
    sub(
      grid((x, y) => (axis === 0 ? x : y)),
      first(axis),
    );
  const squared = add(mul(away(0), away(0)), mul(away(1), away(1)));
  const nothing = others.map((one) => mul(reduceSum(one), 0)).reduce((sum, one) => add(sum, one));
  const masks = add(sub(100, squared), reshape(nothing, [1, 1, 1, 1]));
  const scores = add(reshape(nothing, [1, 1]), 0.75);
  return toOnnx(extractProgram(g, { masks, iou_predictions: scores }), { placement: () => "input" }).bytes;
}

test("segment-anything's form: an encoder that pads by itself, coordinates in the resized picture, masks at its size", async () => {
  const g = new Graph();
  const image = g.input("input_image", "float32", [768, 1024, 3]);
  const image_embeddings = reshape(
    mul(reduceSum(image), g.constant("float32", [16], new Float32Array(16))),
    [1, 4, 2, 2],
  );
  writeFileSync(
    join(folder, "raw-encoder.onnx"),
    toOnnx(extractProgram(g, { image_embeddings }), { placement: () => "input" }).bytes,
  );
  writeFileSync(join(folder, "disc-decoder.onnx"), discDecoder());
  const pair = await open("raw-encoder.onnx", "disc-decoder.onnx");
  const features = await pair.encode(picture(64, 48));
  const [found] = await pair.segment(features, { points: [{ x: 30, y: 20, isObject: true }] });
  expect(found!.score).toBeCloseTo(0.75);
  const disc = Uint8Array.from({ length: 64 * 48 }, (_, i) => ((i % 64) - 30) ** 2 + (Math.floor(i / 64) - 20) ** 2 < 100 ? 1 : 0); // prettier-ignore
  expect(maskIou(found!.mask, { widthPx: 64, heightPx: 48, data: disc })).toBe(1);
  expect(maskBox(found!.mask)).toEqual({ x0: 21, y0: 11, x1: 40, y1: 30 });
  await pair.dispose();
});

test("files that do not belong together are refused", async () => {
  for (const [one, other] of [["disc-decoder.onnx", "raw-encoder.onnx"], ["raw-encoder.onnx", "decoder.onnx"]] as const)
    await expect(open(one, other)).rejects.toMatchObject({ code: "PVLA_ONNX_SIGNATURE" }); // prettier-ignore
});
