import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BinaryMask, RgbImage } from "@pixelvla/data";
import {
  float32ToBfloat16,
  float32ToFloat16,
  openCheckpoint,
  readTensor,
  writeSafetensors,
  type TensorToWrite,
} from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { relativeDifference } from "@pixelvla/testing";
import { afterAll, describe, expect, test } from "vitest";
import type { Segmenter, SegmentPrompt } from "../src/contracts.ts";
import { builtinSegmenters, createVisionRegistry, openSamFolder, type SamFeatures } from "../src/index.ts";

const FOLDER = fileURLToPath(new URL("golden/sam-windowed", import.meta.url));
const engine = onnxruntimeEngine({ provider: "cpu", threads: 1 });
const plugin = createVisionRegistry(builtinSegmenters).get("segmenter", "sam");
const open = async (folder = FOLDER) =>
  (await plugin.open(plugin.options.parse({ folder }), { engine })) as Segmenter<SamFeatures>;
const segmenter = await open();
const scratch = await mkdtemp(join(tmpdir(), "pixelvla-sam-"));
afterAll(async () => {
  await segmenter.dispose();
  await rm(scratch, { recursive: true, force: true });
});

function made(widthPx: number, heightPx: number): RgbImage {
  return { widthPx, heightPx, data: Uint8Array.from({ length: widthPx * heightPx * 3 }, (_, i) => (i * 37) % 251) };
}
function disc({ widthPx, heightPx }: { widthPx: number; heightPx: number }): BinaryMask {
  const data = Uint8Array.from({ length: widthPx * heightPx }, (_, i) =>
    Math.hypot((i % widthPx) - widthPx / 2, Math.floor(i / widthPx) - heightPx / 2) < heightPx / 4 ? 1 : 0,
  );
  return { widthPx, heightPx, data };
}

const features = await segmenter.encode(made(64, 48));
const refusal = (prompt: SegmentPrompt) => segmenter.segment(features, prompt);

describe("prompts", () => {
  test("a single point gives three candidates, best first; anything clearer gives one", async () => {
    const several = await segmenter.segment(features, { points: [{ x: 20, y: 10, isObject: true }] });
    expect(several.map(({ mask }) => [mask.widthPx, mask.heightPx])).toEqual([
      [64, 48],
      [64, 48],
      [64, 48],
    ]);
    expect(several.map(({ score }) => score)).toEqual(several.map(({ score }) => score).sort((a, b) => b - a));
    const box = { x0: 4, y0: 4, x1: 40, y1: 30 };
    expect(await segmenter.segment(features, { box })).toHaveLength(1);
    expect(await segmenter.segment(features, { mask: disc(features) })).toHaveLength(1);
  });

  test("more points than the first decoder has slots give a mask of the picture's size, the same each time", async () => {
    const point = { x: 20, y: 10, isObject: true };
    const far = Array.from({ length: 12 }, (_, i) => ({ x: 3 * i, y: 2 * i, isObject: i % 2 === 0 }));
    const [wide] = await segmenter.segment(features, { points: [point, ...far] });
    expect(wide!.mask.data).toHaveLength(64 * 48);
    const again = await segmenter.segment(features, { points: [point, ...far] });
    expect(again[0]!.mask.data).toEqual(wide!.mask.data);
  });

  test("a box beyond the border is cut to the picture", async () => {
    const inside = await segmenter.segment(features, { box: { x0: 10, y0: 10, x1: 64, y1: 48 } });
    const beyond = await segmenter.segment(features, { box: { x0: 10, y0: 10, x1: 900, y1: 700 } });
    expect(beyond).toEqual(inside);
  });

  test.each<[string, SegmentPrompt, RegExp]>([
    ["nothing", {}, /without points, box or mask/],
    ["no points", { points: [] }, /without points, box or mask/],
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
    await expect(refusal(prompt)).rejects.toMatchObject({
      code: "PVLA_SEGMENT_PROMPT",
      message: expect.stringMatching(message) as string,
    });
  });
});

describe("pictures", () => {
  test("1x1 and 8000x6000 give masks of their size", async () => {
    for (const [width, height] of [
      [1, 1],
      [8000, 6000],
    ] as const) {
      const encoded = await segmenter.encode({
        widthPx: width,
        heightPx: height,
        data: new Uint8Array(width * height * 3).fill(90),
      });
      const [best] = await segmenter.segment(encoded, { box: { x0: 0, y0: 0, x1: width, y1: height } });
      expect(best!.mask.data.length).toBe(width * height);
      expect(best!.score).toBeGreaterThanOrEqual(0);
    }
  });

  test("data that does not fit the size is refused", async () => {
    await expect(segmenter.encode({ widthPx: 4, heightPx: 4, data: new Uint8Array(47) })).rejects.toMatchObject({
      code: "PVLA_PICTURE",
    });
    await expect(segmenter.encode({ widthPx: 0, heightPx: 4, data: new Uint8Array(0) })).rejects.toMatchObject({
      code: "PVLA_PICTURE",
    });
  });

  test("features are plain data, and those of another model are refused", async () => {
    const copy = structuredClone(features);
    const box = { x0: 4, y0: 4, x1: 40, y1: 30 };
    expect(await segmenter.segment(copy, { box })).toEqual(await segmenter.segment(features, { box }));
    await expect(segmenter.segment({ ...copy, modelVersion: "other" }, { box })).rejects.toMatchObject({
      code: "PVLA_FEATURES",
    });
  });
});

describe("weights", () => {
  const NAME = "vision_encoder.layers.0.attn.qkv.weight";
  /** A copy of the folder with its tensors changed. */
  async function folderWith(
    name: string,
    change: (tensor: TensorToWrite & { data: Float32Array }) => TensorToWrite | undefined,
  ): Promise<string> {
    const folder = join(scratch, name);
    await cp(FOLDER, folder, { recursive: true });
    const { tensors } = await openCheckpoint(FOLDER);
    const changed: TensorToWrite[] = [];
    for (const [tensorName, stored] of tensors) {
      const tensor = change({
        name: tensorName,
        dtype: "float32",
        shape: stored.shape,
        data: await readTensor(stored),
      });
      if (tensor !== undefined) changed.push(tensor);
    }
    await rm(join(folder, "model.safetensors"));
    await writeSafetensors(join(folder, "model.safetensors"), changed);
    return folder;
  }

  test("a missing tensor and a wrong shape are named, before anything runs", async () => {
    const missing = await folderWith("missing", (t) => (t.name === NAME ? undefined : t));
    await expect(openSamFolder(missing)).rejects.toMatchObject({
      code: "PVLA_MODEL_WEIGHTS",
      message: expect.stringContaining(`"${NAME}" is missing`) as string,
    });
    const wrong = await folderWith("wrong", (t) => (t.name === NAME ? { ...t, shape: [32, 96] } : t));
    await expect(openSamFolder(wrong)).rejects.toMatchObject({
      code: "PVLA_MODEL_WEIGHTS",
      message: expect.stringContaining("is [32, 96], needs [96, 32]") as string,
    });
  });

  test("no folder, and a folder of another kind of model", async () => {
    await expect(open(join(scratch, "nowhere"))).rejects.toMatchObject({ code: "PVLA_MODEL_FOLDER" });
    const other = join(scratch, "other");
    await cp(FOLDER, other, { recursive: true });
    await writeFile(join(other, "config.json"), '{"model_type": "sam2"}');
    await expect(open(other)).rejects.toMatchObject({ code: "PVLA_MODEL_FOLDER" });
  });

  test.each([
    ["float16", float32ToFloat16, 5e-3],
    ["bfloat16", float32ToBfloat16, 5e-2],
  ] as const)("%s weights load and give what rounding leaves", async (dtype, halve, tolerance) => {
    const folder = await folderWith(dtype, (t) => ({ ...t, dtype, data: halve(t.data) }));
    const half = await open(folder);
    const { embedding } = await half.encode(made(64, 48));
    expect(relativeDifference(embedding, features.embedding)).toBeLessThan(tolerance);
    expect(
      await half.segment(
        { ...features, ...(await half.encode(made(64, 48))) },
        { box: { x0: 4, y0: 4, x1: 40, y1: 30 } },
      ),
    ).toHaveLength(1);
    await half.dispose();
  });
});
