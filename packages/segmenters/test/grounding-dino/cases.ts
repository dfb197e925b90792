import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Program } from "@pixelvla/core";
import { decodeImage, type RgbImage } from "@pixelvla/data";
import { onnxruntimeEngine, type Engine, type Executable, type Outputs } from "@pixelvla/engines";
import { openGolden, type Golden } from "@pixelvla/testing";
import { shortestSideFrame } from "../../src/image/frame.ts";
import { pixelValues } from "../../src/image/pixel-values.ts";
import { resizeRgb } from "../../src/image/resize-rgb.ts";
import { bindModel } from "../../src/model-folder.ts";
import { bucketCanvas } from "../../src/grounding-dino/canvas.ts";
import { geometry } from "../../src/grounding-dino/geometry.ts";
import { openGroundingDino, type GroundingDinoModel } from "../../src/grounding-dino/model.ts";
import { groundingDinoNames } from "../../src/grounding-dino/names.ts";
import { detectProgram, imageProgram, textProgram } from "../../src/grounding-dino/programs.ts";
import { sineTable } from "../../src/grounding-dino/sine-embedding.ts";
import { textTensors } from "../../src/grounding-dino/text.ts";

/** What a golden's sidecar says of its case. */
export interface GoldenConfig {
  readonly pictures: readonly string[];
  readonly phrases: readonly (readonly string[])[];
  readonly canvas: readonly [number, number];
  readonly resized: readonly (readonly [number, number])[];
  readonly threshold: number;
  readonly textThreshold: number;
}

/** transformers' own results of one picture. */
export interface GoldenResult {
  readonly scores: readonly number[];
  readonly boxes: readonly (readonly number[])[];
  readonly labels: readonly string[];
}

export interface GoldenCase {
  readonly golden: Golden;
  readonly config: GoldenConfig;
  readonly results: readonly GoldenResult[];
  readonly model: GroundingDinoModel;
  readonly folder: string;
}

const goldens = new URL("../golden/", import.meta.url);
const pictures = fileURLToPath(new URL("../../../../../shared/data/models/images/simpler/", import.meta.url));

/** Whether the sample pictures are there; a checkout without them skips what needs them. */
export const havePictures = existsSync(pictures);

export const samplePicture = async (name: string): Promise<RgbImage> => decodeImage(await readFile(pictures + name));

export async function openCase(name: string): Promise<GoldenCase> {
  const golden = await openGolden(goldens, name);
  const folder = fileURLToPath(new URL(name, goldens));
  return {
    golden,
    config: golden.json.config as unknown as GoldenConfig,
    results: (golden.json as unknown as { results: GoldenResult[] }).results,
    model: await openGroundingDino(folder),
    folder,
  };
}

/** Text bucket of the goldens; longer than their texts, so that padding is exercised. */
export const LENGTH = 16;

/** The three programs of a golden's canvas, compiled; `inspect` outputs included. */
export async function compileCase(
  { model, config: { canvas } }: GoldenCase,
  padded: boolean,
  engine: Engine = onnxruntimeEngine({ provider: "cpu", threads: 1 }),
): Promise<{ image: Executable; text: Executable; detect: Executable }> {
  const size = { height: canvas[0], width: canvas[1] };
  const open = (program: Program) => {
    bindModel(program.graph, model.folder, groundingDinoNames);
    return engine.compile(program, { threads: 1 });
  };
  return {
    image: await open(imageProgram(size, model.config)),
    text: await open(textProgram(LENGTH, model.config)),
    detect: await open(detectProgram(size, LENGTH, model.config, { padded, inspect: true })),
  };
}

/** Normalised pixels `[3, H, W]` of a picture on the golden's canvas, H and W rounded up to whole patches. */
export function casePixels({ model, config: { canvas } }: GoldenCase, picture: RgbImage) {
  const frame = shortestSideFrame(picture, model.shortestEdge, model.longestEdge);
  const patch = model.config.backbone_config.patch_size;
  const whole = (length: number) => Math.ceil(length / patch) * patch;
  const resized = resizeRgb(picture, frame.contentWidth, frame.contentHeight);
  return {
    frame,
    width: whole(canvas[1]),
    pixels: pixelValues(resized, model.normalisation, whole(canvas[1]), whole(canvas[0])),
  };
}

/** Runs the three programs on one picture and the golden's own token ids. */
export async function runCase(
  opened: GoldenCase,
  programs: { image: Executable; text: Executable; detect: Executable },
  picture: RgbImage,
  ids: readonly number[],
): Promise<Outputs> {
  const { model } = opened;
  const { frame, pixels } = casePixels(opened, picture);
  const canvas = bucketCanvas(frame, { shortest: model.shortestEdge, longest: model.longestEdge });
  const placed = { ...canvas, height: opened.config.canvas[0], width: opened.config.canvas[1] };
  const text = textTensors(ids, model.tokenizer.delimiters, LENGTH, model.tokenizer.special.pad);
  const { features: vision } = await programs.image.run({ pixels });
  const { features } = await programs.text.run({ ids: text.ids, positions: text.positions, attention: text.attention });
  const { valid, ...places } = geometry(placed, model.config);
  return programs.detect.run({
    ...places,
    ...(programs.detect.inputNames.includes("valid") ? { valid } : {}),
    vision: vision!,
    text: features!,
    textPositions: sineTable(Array.from(text.positions, Number), model.config.d_model, 10000),
    textAttention: text.attention,
    textMask: text.mask,
  });
}

/** Ids of one text of the golden without padding. */
export async function caseIds({ golden }: GoldenCase, index: number): Promise<number[]> {
  const [ids, mask] = [await golden.read("input.ids"), await golden.read("input.textMask")];
  const length = golden.tensors.tensors.get("input.ids")!.shape[1]!;
  return [...ids.subarray(index * length, (index + 1) * length)].filter((_, i) => mask[index * length + i] === 1);
}

/** The part of a batched golden tensor that belongs to one picture. */
export async function caseTensor({ golden, config }: GoldenCase, name: string, index: number): Promise<Float32Array> {
  const all = await golden.read(name);
  const each = all.length / config.pictures.length;
  return all.subarray(index * each, (index + 1) * each);
}
