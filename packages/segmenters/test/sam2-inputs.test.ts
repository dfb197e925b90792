import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RgbImage } from "@pixelvla/data";
import { openCheckpoint, readTensor, writeSafetensors, type TensorToWrite } from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Segmenter, SegmentPrompt, Tracker } from "../src/contracts.ts";
import { builtinSegmenters, createVisionRegistry, type Sam2Features } from "../src/index.ts";
import { unpackModel } from "./sam2-golden.ts";

const TIMEOUT_MS = 120_000;
const engine = onnxruntimeEngine({ provider: "cpu", threads: 1 });
const registry = createVisionRegistry(builtinSegmenters);
const openPicture = async (folder: string) => {
  const plugin = registry.get("segmenter", "sam2");
  return (await plugin.open(plugin.options.parse({ folder }), { engine })) as Segmenter<Sam2Features>;
};
const openVideo = async (folder: string): Promise<Tracker> => {
  const plugin = registry.get("tracker", "sam2-video");
  return plugin.open(plugin.options.parse({ folder }), { engine });
};
const made = (widthPx: number, heightPx: number): RgbImage => ({
  widthPx,
  heightPx,
  data: Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, i) => (i * 37) % 251),
});

let model: Awaited<ReturnType<typeof unpackModel>>;
let segmenter: Segmenter<Sam2Features>;
let features: Sam2Features;
beforeAll(async () => {
  model = await unpackModel("sam2-one-head");
  segmenter = await openPicture(model.path);
  features = await segmenter.encode(made(64, 48));
}, TIMEOUT_MS);
afterAll(async () => {
  await segmenter.dispose();
  await model.remove();
});

describe("prompts", () => {
  test.each<[string, SegmentPrompt, RegExp]>([
    ["nothing", {}, /without points, box or mask/],
    ["a point outside", { points: [{ x: 70, y: 3, isObject: true }] }, /\(70, 3\) outside a picture of 64x48/],
    ["a point that is no number", { points: [{ x: Number.NaN, y: 3, isObject: true }] }, /NaN/],
    ["a box outside", { box: { x0: 70, y0: 0, x1: 80, y1: 10 } }, /outside a picture/],
    ["a box without area", { box: { x0: 7, y0: 0, x1: 7, y1: 10 } }, /without an area/],
    [
      "an all-false mask",
      { mask: { widthPx: 64, heightPx: 48, data: new Uint8Array(64 * 48) } },
      /without a single pixel/,
    ],
    ["a mask of another size", { mask: { widthPx: 6, heightPx: 4, data: new Uint8Array(24).fill(1) } }, /6x4/],
  ])("%s is refused with a sentence", async (_, prompt, message) => {
    await expect(segmenter.segment(features, prompt)).rejects.toMatchObject({
      code: "PVLA_SEGMENT_PROMPT",
      message: expect.stringMatching(message) as string,
    });
  });

  test(
    "a box beyond the border is cut to the picture",
    async () => {
      const inside = await segmenter.segment(features, { box: { x0: 10, y0: 10, x1: 64, y1: 48 } });
      const beyond = await segmenter.segment(features, { box: { x0: 10, y0: 10, x1: 900, y1: 700 } });
      expect(beyond).toEqual(inside);
    },
    TIMEOUT_MS,
  );

  test(
    "padding tokens change nothing: seven points in eight slots, and the same points after a longer prompt",
    async () => {
      const points = Array.from({ length: 7 }, (_, i) => ({ x: 9 * i, y: 6 * i, isObject: i % 2 === 0 }));
      const [first] = await segmenter.segment(features, { points });
      await segmenter.segment(features, { points: [...points, ...points] });
      const [again] = await segmenter.segment(features, { points });
      expect(again).toEqual(first);
    },
    TIMEOUT_MS,
  );
});

describe("pictures", () => {
  test(
    "1x1 and 8000x6000 give masks of their size",
    async () => {
      for (const [width, height] of [
        [1, 1],
        [8000, 6000],
      ] as const) {
        const data = new Uint8Array(width * height * 3).fill(90);
        const encoded = await segmenter.encode({ widthPx: width, heightPx: height, data });
        const [best] = await segmenter.segment(encoded, { box: { x0: 0, y0: 0, x1: width, y1: height } });
        expect(best!.mask.data.length).toBe(width * height);
        expect(best!.score).toBeGreaterThanOrEqual(0);
      }
    },
    TIMEOUT_MS,
  );

  test(
    "features survive a copy; those of another model are refused",
    async () => {
      const copy = structuredClone(features);
      const box = { x0: 4, y0: 4, x1: 40, y1: 30 };
      expect(await segmenter.segment(copy, { box })).toEqual(await segmenter.segment(features, { box }));
      const foreign = segmenter.segment({ ...copy, encodedBy: "other@1" }, { box });
      await expect(foreign).rejects.toMatchObject({ code: "PVLA_FEATURES" });
    },
    TIMEOUT_MS,
  );
});

describe("weights", () => {
  /** A copy of the folder with one tensor left out or of another shape. */
  async function folderWith(name: string, change: (tensor: TensorToWrite) => TensorToWrite | undefined) {
    const folder = `${model.path}-changed`;
    await rm(folder, { recursive: true, force: true });
    await cp(model.path, folder, { recursive: true });
    const { tensors } = await openCheckpoint(model.path);
    const changed: TensorToWrite[] = [];
    for (const [tensorName, stored] of tensors) {
      const tensor = {
        name: tensorName,
        dtype: "float32" as const,
        shape: stored.shape,
        data: await readTensor(stored),
      };
      const written = tensorName === name ? change(tensor) : tensor;
      if (written !== undefined) changed.push(written);
    }
    await writeSafetensors(join(folder, "model.safetensors"), changed);
    return folder;
  }
  afterAll(() => rm(`${model.path}-changed`, { recursive: true, force: true }));

  const PICTURE = "vision_encoder.backbone.blocks.0.attn.qkv.weight";
  const VIDEO = [
    "memory_encoder.projection.weight",
    "mask_downsample.weight",
    "memory_attention.layers.0.linear1.bias",
  ];

  test.each([PICTURE, ...VIDEO])(
    "%s missing or of a wrong shape is named before anything runs",
    async (name) => {
      const open = name === PICTURE ? openPicture : openVideo;
      await expect(open(await folderWith(name, () => undefined))).rejects.toMatchObject({
        code: "PVLA_MODEL_WEIGHTS",
        message: expect.stringContaining(`"${name}" is missing`) as string,
      });
      const halves = (tensor: TensorToWrite) => ({ ...tensor, shape: [2, tensor.shape.reduce((a, b) => a * b) / 2] });
      await expect(open(await folderWith(name, halves))).rejects.toMatchObject({
        code: "PVLA_MODEL_WEIGHTS",
        message: expect.stringMatching(new RegExp(`"${name}" is \\[2, .*\\], needs \\[`)) as string,
      });
    },
    TIMEOUT_MS,
  );

  test(
    "a checkpoint of the image model alone segments, but is no tracker; another family is refused",
    async () => {
      const folder = `${model.path}-changed`;
      await rm(folder, { recursive: true, force: true });
      await cp(model.path, folder, { recursive: true });
      const config = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as object;
      await writeFile(join(folder, "config.json"), JSON.stringify({ ...config, model_type: "sam2" }));
      const pictures = await openPicture(folder);
      const found = await pictures.segment(await pictures.encode(made(64, 48)), {
        box: { x0: 4, y0: 4, x1: 40, y1: 30 },
      });
      expect(found).toHaveLength(1);
      await pictures.dispose();
      await expect(openVideo(folder)).rejects.toMatchObject({ code: "PVLA_SAM2_NO_MEMORY" });
      await writeFile(join(folder, "config.json"), '{"model_type": "sam"}');
      await expect(openPicture(folder)).rejects.toMatchObject({ code: "PVLA_SAM2_CONFIG" });
    },
    TIMEOUT_MS,
  );
});
