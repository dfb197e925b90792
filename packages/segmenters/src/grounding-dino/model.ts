import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Normalisation } from "../image/pixel-values.ts";
import { openModelFolder, readModelJson, type ModelFolder } from "../model-folder.ts";
import { groundingDinoConfig, type GroundingDinoConfig } from "./config.ts";
import { bertTokenizer, type BertTokenizer } from "./tokenizer.ts";

/** `preprocessor_config.json` of a `GroundingDinoImageProcessor`. */
const preprocessor = z.looseObject({
  size: z
    .looseObject({ shortest_edge: z.int().positive(), longest_edge: z.int().positive() })
    .prefault({ shortest_edge: 800, longest_edge: 1333 }),
  image_mean: z.array(z.number()).length(3).default([0.485, 0.456, 0.406]),
  image_std: z.array(z.number().positive()).length(3).default([0.229, 0.224, 0.225]),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  resample: z.literal(2, "only bilinear is known (2)").default(2),
});

/** A checkpoint folder, read but for its weights. */
export interface GroundingDinoModel {
  readonly folder: ModelFolder;
  readonly config: GroundingDinoConfig;
  readonly tokenizer: BertTokenizer;
  readonly normalisation: Normalisation;
  readonly shortestEdge: number;
  readonly longestEdge: number;
}

/**
 * Opens a folder in the layout of `IDEA-Research/grounding-dino-*`.
 * @throws PVLA_MODEL_FOLDER, PVLA_CHECKPOINT_*, PVLA_DETECT_TOKENIZER
 */
export async function openGroundingDino(nameOrPath: string, modelsDir?: string): Promise<GroundingDinoModel> {
  const folder = await openModelFolder(nameOrPath, modelsDir);
  const { path } = folder;
  const config = await readModelJson(path, "config.json", groundingDinoConfig);
  const { size, image_mean, image_std, rescale_factor } = await readPreprocessor(path);
  const tokenizerJson = await readModelJson(path, "tokenizer.json", z.looseObject({}));
  const tokenizerConfig = await readModelJson(path, "tokenizer_config.json", z.looseObject({}));
  return {
    folder,
    config,
    tokenizer: bertTokenizer(tokenizerJson, tokenizerConfig, path),
    normalisation: { rescaleFactor: rescale_factor, mean: image_mean, std: image_std },
    shortestEdge: size.shortest_edge,
    longestEdge: size.longest_edge,
  };
}

/** Image settings of the published folders, or of those that a whole processor of transformers 5 was saved to. */
async function readPreprocessor(path: string): Promise<z.output<typeof preprocessor>> {
  const there = (file: string) => existsSync(join(path, file));
  if (!there("preprocessor_config.json") && there("processor_config.json")) {
    const nested = z.looseObject({ image_processor: preprocessor });
    return (await readModelJson(path, "processor_config.json", nested)).image_processor;
  }
  return readModelJson(path, "preprocessor_config.json", preprocessor);
}
