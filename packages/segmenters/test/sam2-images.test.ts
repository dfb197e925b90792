import { onnxruntimeEngine } from "@pixelvla/engines";
import type { RgbImage } from "@pixelvla/data";
import { readTensor } from "@pixelvla/data/checkpoints";
import { openGolden, type Golden } from "@pixelvla/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SegmentPrompt } from "../src/index.ts";
import { Sam2Model, type Sam2Features } from "../src/sam2/model.ts";
import { Sam2Segmenter } from "../src/sam2/segmenter.ts";
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

interface Prompt {
  readonly points?: readonly (readonly [number, number, number])[];
  readonly box?: readonly [number, number, number, number];
  readonly mask?: readonly [number, number, number, number];
}

interface Sidecar {
  readonly size: number;
  readonly prompts: Readonly<Record<string, Prompt>>;
  readonly hashes: Readonly<Record<string, readonly string[] & { path: string; pixels: string }>>;
}

const TOLERANCE = 1e-3;
const HOOK_TIMEOUT_MS = 120_000;
const PROMPTS = ["point", "points", "box", "box-and-point", "mask", "mask-and-point"];

describe.skipIf(!hasPictures).each(["sam2-one-head", "sam2-two-heads"])("%s", (name) => {
  let folder: Awaited<ReturnType<typeof unpackModel>>;
  let golden: Golden;
  let sidecar: Sidecar;
  let sam2: Sam2Model;
  let segmenter: Sam2Segmenter;
  beforeAll(async () => {
    golden = await openGolden(GOLDENS, `${name}-images`);
    sidecar = await readSidecar(`${name}-images`);
    folder = await unpackModel(name);
    sam2 = await Sam2Model.open(folder.path, { engine: onnxruntimeEngine({ provider: "cpu" }), threads: 1 });
    segmenter = new Sam2Segmenter(sam2);
  }, HOOK_TIMEOUT_MS);
  afterAll(async () => {
    await segmenter.dispose();
    await folder.remove();
  });

  describe.each(["picture0", "picture1"])("%s", (key) => {
    const value = (tensor: string) => golden.read(`${key}.${tensor}`);
    let image: RgbImage;
    let features: Sam2Features;
    beforeAll(async () => {
      image = await readPicture(sidecar.hashes[key]!.path);
      features = await segmenter.encode(image);
    }, HOOK_TIMEOUT_MS);

    test("the pixels are the peer's", () => {
      expect(digest(image.data)).toBe(sidecar.hashes[key]!.pixels);
    });

    test("three levels of features agree with the peer's", async () => {
      const noMemory = await readParameter(sam2, "no_memory_embedding");
      const width = noMemory.length;
      const nCells = (sidecar.size / 16) ** 2;
      const embedding = every(features.embedding, width, sidecar.size / 16, 1, 1);
      const withNoMemory = embedding.map((v, i) => v + noMemory[Math.floor(i / nCells)]!);
      expect(largestDifference(withNoMemory, await value("embedding"))).toBeLessThan(TOLERANCE);
      const fine = every(features.highRes0, width / 8, sidecar.size / 4, 5, 3);
      expect(largestDifference(fine, await value("highRes0"))).toBeLessThan(TOLERANCE);
      const middle = every(features.highRes1, width / 4, sidecar.size / 8, 3, 2);
      expect(largestDifference(middle, await value("highRes1"))).toBeLessThan(TOLERANCE);
    });

    test.each(PROMPTS)("prompt %s: logits, scores and masks", async (promptName) => {
      const prompt = inPixels(sidecar.prompts[promptName]!, image);
      const hashes = sidecar.hashes[`${key}.${promptName}`] as readonly string[];
      const iou = await value(`${promptName}.iou`);
      const order = [...iou.keys()].sort((a, b) => iou[b]! - iou[a]!);

      const logits = await segmenter.logits(features, prompt);
      const flat = logits.flatMap(({ logits: { data } }) => [...data]);
      expect(largestDifference(flat, await value(`${promptName}.logits`))).toBeLessThan(TOLERANCE);

      const found = await segmenter.segment(features, prompt);
      const expected = order.map((i) => iou[i]!);
      expect(
        largestDifference(
          found.map(({ score }) => score),
          expected,
        ),
      ).toBeLessThan(TOLERANCE);
      const peer = await value(`${promptName}.logits`);
      const side = sidecar.size / 4;
      for (const [rank, i] of order.entries()) {
        const plane = { width: side, height: side, data: peer.subarray(i * side ** 2, (i + 1) * side ** 2) };
        expectMask(found[rank]!.mask.data, plane, hashes[i]!, image, `mask ${i}`);
      }
    });
  });
});

function inPixels({ points, box, mask }: Prompt, image: RgbImage): SegmentPrompt {
  const { widthPx: w, heightPx: h } = image;
  return {
    ...(points && { points: points.map(([x, y, label]) => ({ x: x * w, y: y * h, isObject: label === 1 })) }),
    ...(box && { box: { x0: box[0] * w, y0: box[1] * h, x1: box[2] * w, y1: box[3] * h } }),
    ...(mask && { mask: rectangle(image, mask) }),
  };
}

/** `[C, ::rows, ::columns]` of channels-last `[side, side, C]`. */
function every(data: Float32Array, channels: number, side: number, rows: number, columns: number): number[] {
  const picked: number[] = [];
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < side; y += rows)
      for (let x = 0; x < side; x += columns) picked.push(data[(y * side + x) * channels + c]!);
  return picked;
}

function readParameter({ folder }: Sam2Model, name: string): Promise<Float32Array> {
  return readTensor(folder.checkpoint.tensors.get(name)!);
}
