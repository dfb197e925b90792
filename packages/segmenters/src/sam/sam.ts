import { z } from "zod";
import { defineSegmenter, type OpenContext } from "../contracts.ts";
import { bindModel, openModelFolder, readModelJson } from "../model-folder.ts";
import { samConfigSchema, samProcessorSchema } from "./config.ts";
import { samDecoderProgram, samEncoderProgram, samNames } from "./programs.ts";
import { samSegmenter, type SamModelParts } from "./sam-segmenter.ts";

const options = z.strictObject({
  folder: z
    .string()
    .min(1)
    .default("facebook/sam-vit-base")
    .describe("Model folder: a path, or a name below the models folder (facebook/sam-vit-base, -large, -huge)"),
  candidates: z
    .enum(["auto", "always", "never"])
    .default("auto")
    .describe("Offer several masks: for a single point only, always, or never"),
  maskThreshold: z.number().default(0).describe("Logit above which a pixel belongs to the mask"),
  maskLogit: z.number().positive().default(10).describe("Pixels of a mask prompt enter as plus or minus this logit"),
});

/**
 * Reads a SAM folder and checks every tensor of it against the configuration, before anything runs.
 * @throws PVLA_MODEL_FOLDER, PVLA_MODEL_WEIGHTS, PVLA_CHECKPOINT_NOT_FOUND, PVLA_CHECKPOINT_DAMAGED
 */
export async function openSamFolder(folderName: string, modelsDir?: string): Promise<SamModelParts> {
  const folder = await openModelFolder(folderName, modelsDir);
  const config = await readModelJson(folder.path, "config.json", samConfigSchema);
  const processor = await readModelJson(folder.path, "preprocessor_config.json", samProcessorSchema);
  for (const { graph } of [
    samEncoderProgram(config),
    samDecoderProgram(config, 2, true),
    samDecoderProgram(config, 2, false),
  ])
    bindModel(graph, folder, samNames);
  return { folder, config, processor };
}

/** Segment Anything with transformers' weights: `facebook/sam-vit-base`, `-large`, `-huge`, or any `SamModel` saved. */
export const sam = defineSegmenter({
  name: "sam",
  summary: "Segment Anything (ViT-B, L, H): masks from points, a box or a rough mask.",
  options,
  async open({ folder, ...rest }, context: OpenContext) {
    return samSegmenter(await openSamFolder(folder, context.modelsDir), rest, context);
  },
});
