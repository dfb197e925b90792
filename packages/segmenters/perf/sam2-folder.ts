import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Graph, type Parameter } from "@pixelvla/core";
import type { RgbImage } from "@pixelvla/data";
import { HOST_TENSORS, UNUSED_TENSORS } from "../src/sam2/checkpoint-tensors.ts";
import { parseSam2Config } from "../src/sam2/parse-config.ts";
import { decoderProgram, encoderProgram, memoryAttentionProgram, memoryEncoderProgram } from "../src/sam2/programs.ts";
import { writeRandomCheckpoint } from "./random-checkpoint.ts";

export const SAM2_SIZES = ["tiny", "small", "base-plus", "large"] as const;
export type Sam2Size = (typeof SAM2_SIZES)[number];

const SCORE_BIAS = "mask_decoder.pred_obj_score_head.proj_out.bias";
const NORMALISATION = { image_mean: [0.485, 0.456, 0.406], image_std: [0.229, 0.224, 0.225], rescale_factor: 1 / 255 };

/**
 * A folder as transformers saves SAM 2.1 of a published size, its weights random. The bias of the object's score is large, so
 * that the object counts as seen and masks are worth comparing.
 */
export async function writeSam2Folder(folder: string, size: Sam2Size): Promise<void> {
  const sizes = new URL("../test/golden/sam2-sizes.json", import.meta.url);
  const { models } = JSON.parse(await readFile(sizes, "utf8")) as { models: Record<Sam2Size, { config: object }> };
  const config = parseSam2Config(models[size].config);
  const memory = config.memory!;
  const programs = [
    encoderProgram(config),
    decoderProgram(config, { nPrompts: 2, hasMask: false }),
    decoderProgram(config, { nPrompts: 2, hasMask: true }),
    memoryEncoderProgram(config, memory),
    memoryAttentionProgram(config, memory, { nFrames: 1, nPointers: 4, padded: true }),
  ];
  const g = new Graph();
  for (const [name, shape] of Object.entries(HOST_TENSORS)) g.parameter(name, shape, { kind: "uniform", bound: 0.25 });
  for (const name of UNUSED_TENSORS) g.parameter(name, [1, 1, config.decoder.width], { kind: "zeros" });
  const parameters = [...programs.map(({ graph }) => graph), g].flatMap((graph) => [...graph.parameters.values()]);
  await mkdir(folder, { recursive: true });
  await writeRandomCheckpoint(join(folder, "model.safetensors"), parameters.map(seen));
  await writeFile(join(folder, "config.json"), JSON.stringify(models[size].config));
  await writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(NORMALISATION));
}

const seen = (parameter: Parameter): Parameter =>
  parameter.name === SCORE_BIAS ? { ...parameter, source: { kind: "constant", value: 5 } } : parameter;

/** Frame of a made video: a bright square that moves over a pattern. */
export function movingSquare(frameIndex: number, widthPx: number, heightPx: number): RgbImage {
  const data = new Uint8Array(widthPx * heightPx * 3);
  const [left, top, side] = [((8 * frameIndex) % widthPx) * 0.5, heightPx / 3, heightPx / 4];
  for (let y = 0, i = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++, i += 3) {
      const inside = x >= left && x < left + side && y >= top && y < top + side;
      data.set(inside ? [230, 60, 40] : [(x * 3 + y) % 120, (y * 5 + x) % 120, ((x ^ y) * 7) % 120], i);
    }
  return { widthPx, heightPx, data };
}
