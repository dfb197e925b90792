import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { decodeImage, maskArea, maskBox, type RgbImage } from "@pixelvla/data";
import { onnxruntimeEngine, tfjsEngine, type Engine } from "@pixelvla/engines";
import { openGolden, relativeDifference, type Golden } from "@pixelvla/testing";
import { describe, expect, test } from "vitest";
import { bindModel } from "../src/model-folder.ts";
import { longestSideFrame } from "../src/image/frame.ts";
import { fullMask } from "../src/sam/mask-logits.ts";
import { samDecoderProgram, samEncoderProgram, samNames } from "../src/sam/programs.ts";
import { promptSlots } from "../src/sam/prompt-slots.ts";
import { openSamFolder } from "../src/sam/sam.ts";
import { samPixelValues } from "../src/sam/sam-segmenter.ts";

const GOLDENS = new URL("golden/", import.meta.url);
const IMAGES = new URL("../../../../shared/data/models/images/", import.meta.url);
const haveImages = existsSync(IMAGES);
const TOLERANCE = 1e-3;
const cpu = onnxruntimeEngine({ provider: "cpu" });
const providers = await onnxruntimeEngine().providers();
const webgpu = providers.find(({ provider }) => provider === "webgpu");

interface Answer {
  readonly picture: string;
  readonly size: readonly [number, number];
  readonly pictureSha256: string;
  readonly pixelValuesSha256: string;
  readonly prompt: { readonly points?: [number, number][]; readonly labels?: number[]; readonly box?: number[] };
  readonly maskLogits: boolean;
  readonly masks: readonly {
    readonly sha256: string;
    readonly area: number;
    readonly box: number[] | null;
    readonly undecided: readonly number[];
  }[];
}

interface Sidecar {
  readonly pictures: Readonly<Record<string, string>>;
  readonly answers: Readonly<Record<string, Answer>>;
}

const sha256 = (data: Uint8Array | Float32Array) =>
  createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");

async function picture(name: string, { pictures }: Sidecar): Promise<RgbImage> {
  const size = /^(\d+)x(\d+)$/.exec(name);
  if (size === null) return decodeImage(readFileSync(new URL(pictures[name]!, IMAGES)));
  const [widthPx, heightPx] = [Number(size[1]), Number(size[2])];
  const data = new Uint8Array(widthPx * heightPx * 3);
  for (let y = 0, i = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++, i += 3)
      data.set([(x * 7 + y * 3) % 256, (x * 5 + 40) % 256, (y * 11 + 9) % 256], i);
  return { widthPx, heightPx, data };
}

const promptOf = ({ prompt: { points, labels, box } }: Answer) => ({
  ...(points === undefined ? {} : { points: points.map(([x, y], i) => ({ x, y, isObject: labels![i] === 1 })) }),
  ...(box === undefined ? {} : { box: { x0: box[0]!, y0: box[1]!, x1: box[2]!, y1: box[3]! } }),
});

/** Largest relative difference of embedding, logits and scores, and the masks that differ, over all answers that run. */
async function compare(name: string, engine: Engine, only: (key: string, answer: Answer) => boolean) {
  const golden = await openGolden(GOLDENS, name);
  const sidecar = golden.json as unknown as Sidecar;
  const { folder, config, processor } = await openSamFolder(fileURLToPath(new URL(name, GOLDENS)));
  const side = config.vision_config.image_size;
  const low = (4 * side) / config.vision_config.patch_size;
  const open = async (built: ReturnType<typeof samEncoderProgram>) => {
    bindModel(built.graph, folder, samNames);
    return engine.compile(built.program, { threads: 1 });
  };
  const encoder = await open(samEncoderProgram(config));
  const decoders = new Map<string, ReturnType<typeof open>>();
  const decoderOf = (slots: number, hasMask: boolean) => {
    const key = `${slots} ${hasMask}`;
    const decoder = decoders.get(key) ?? open(samDecoderProgram(config, slots, hasMask));
    decoders.set(key, decoder);
    return decoder;
  };
  const worst = { embedding: 0, masks: 0, scores: 0, answers: 0, undecided: 0, pixels: 0 };
  const differing: string[] = [];
  for (const [key, answer] of Object.entries(sidecar.answers)) {
    if (!only(key, answer)) continue;
    worst.answers++;
    const image = await picture(answer.picture, sidecar);
    if (sha256(image.data) !== answer.pictureSha256) differing.push(`${key}: the decoded picture`);
    const frame = longestSideFrame(image, processor.size.longest_edge, side);
    const pixelValues = samPixelValues(image, frame, processor);
    if (sha256(pixelValues) !== answer.pixelValuesSha256) differing.push(`${key}: pixel values`);
    const { imageEmbedding } = await encoder.run({ pixelValues });
    const embedding = imageEmbedding as Float32Array;
    worst.embedding = Math.max(
      worst.embedding,
      relativeDifference(embedding, await channelsLast(golden, `${answer.picture}.embedding`)),
    );
    const { points, labels, slots } = promptSlots(promptOf(answer), frame);
    const decoder = await decoderOf(slots, answer.maskLogits);
    const { masks, scores } = (await decoder.run({
      imageEmbedding: embedding,
      points,
      labels,
      ...(answer.maskLogits ? { maskLogits: await golden.read("maskLogits") } : {}),
    })) as { masks: Float32Array; scores: Float32Array };
    worst.scores = Math.max(worst.scores, relativeDifference(scores, await golden.read(`${key}.scores`)));
    if (golden.tensors.tensors.has(`${key}.masks`))
      worst.masks = Math.max(worst.masks, relativeDifference(masks, await golden.read(`${key}.masks`)));
    answer.masks.forEach((expected, i) => {
      const data = masks.subarray(i * low * low, (i + 1) * low * low);
      const mask = fullMask({ width: low, height: low, data }, frame, 0);
      // Where the logit is zero but for rounding, the order of a sum decides; the golden names those pixels.
      for (const pixel of expected.undecided) mask.data[pixel] = 0;
      worst.undecided += expected.undecided.length;
      worst.pixels += mask.data.length;
      const { x0, y0, x1, y1 } = maskBox(mask) ?? {};
      const box = x0 === undefined ? null : [x0, y0, x1, y1];
      if (sha256(mask.data) !== expected.sha256 || JSON.stringify(box) !== JSON.stringify(expected.box))
        differing.push(`${key}: mask ${i}, area ${maskArea(mask)} instead of ${expected.area}`);
    });
  }
  for (const executable of [encoder, ...(await Promise.all(decoders.values()))]) await executable.dispose();
  return { worst, differing };
}

/** `[1, C, h, w]` as saved -> `[N, C]`. */
async function channelsLast(golden: Golden, name: string): Promise<Float32Array> {
  const [channels, height, width] = golden.tensors.tensors.get(name)!.shape as [number, number, number];
  const data = await golden.read(name);
  return Float32Array.from(data, (_, i) => data[(i % channels) * height * width + Math.floor(i / channels)]!);
}

describe.each(["sam-windowed", "sam-unbiased"])("%s", (name) => {
  test("equals transformers' SamModel: embedding, logits and scores to 1e-3, masks and boxes identical", async () => {
    const { worst, differing } = await compare(name, cpu, (_, { picture: p }) => haveImages || /^\d/.test(p));
    console.info(name, JSON.stringify(worst), differing.length);
    expect(differing).toEqual([]);
    expect(worst.undecided / worst.pixels).toBeLessThan(2e-5);
    expect(worst.answers).toBe(haveImages ? 17 : 3);
    expect(worst.embedding).toBeLessThan(TOLERANCE);
    expect(worst.masks).toBeLessThan(TOLERANCE);
    expect(worst.scores).toBeLessThan(TOLERANCE);
  });
});

const simple = (key: string) => ["1x1.box", "37x211.box"].includes(key);

test.skipIf(webgpu?.present !== true)(
  `webgpu (${webgpu?.detail ?? "unknown"}) agrees with transformers too`,
  async () => {
    const { worst, differing } = await compare("sam-windowed", onnxruntimeEngine({ provider: "webgpu" }), simple);
    console.info("webgpu", JSON.stringify(worst), differing);
    expect(worst.answers).toBe(2);
    expect(worst.embedding).toBeLessThan(TOLERANCE);
    expect(worst.scores).toBeLessThan(TOLERANCE);
  },
  120_000,
);

test("tfjs, another runtime altogether, agrees with transformers too", async () => {
  const { worst } = await compare("sam-windowed", tfjsEngine({ provider: "tfjs-wasm" }), simple);
  expect(worst.answers).toBe(2);
  expect(worst.embedding).toBeLessThan(TOLERANCE);
  expect(worst.scores).toBeLessThan(TOLERANCE);
});
