import type { Program } from "@pixelvla/core";
import { writePlainOnnx, type ExportedModel } from "../export/plain-onnx.ts";
import { shortestSideFrame } from "../image/frame.ts";
import { exactCanvas } from "./canvas.ts";
import { pictureTooSmall } from "./errors.ts";
import { geometry, pyramid } from "./geometry.ts";
import { openGroundingDino, type GroundingDinoModel } from "./model.ts";
import { groundingDinoNames } from "./names.ts";
import { detectProgram, imageProgram, textProgram } from "./programs.ts";
import { tokenCount } from "./sampling-grid.ts";

export interface GroundingDinoExportOptions {
  readonly modelsDir?: string;
  /** Pictures that the files are for; the model's input is what the processor resizes them to. */
  readonly picture?: { readonly widthPx: number; readonly heightPx: number };
  /** Tokens of a text, padding included. */
  readonly tokens?: number;
}

/**
 * Writes Grounding DINO as plain ONNX for pictures of one size: `image.onnx`, `text.onnx` and `detect.onnx`, whose inputs
 * `vision`, `text` and `textPositions` are the others' outputs. Token ids, positions, attention and mask are those of
 * `textTensors`; boxes are centre and size as parts of the picture.
 *
 * @throws PVLA_DETECT_SIZE for pictures too small for the queries, PVLA_MODEL_FOLDER, PVLA_MODEL_WEIGHTS, PVLA_DETECT_TOKENIZER, PVLA_CHECKPOINT_NOT_FOUND, PVLA_CHECKPOINT_DAMAGED
 */
export async function exportGroundingDino(
  folderName: string,
  out: string,
  { modelsDir, ...sizes }: GroundingDinoExportOptions = {},
): Promise<ExportedModel> {
  const model = await openGroundingDino(folderName, modelsDir);
  return writePlainOnnx(model.folder, out, groundingDinoExportPrograms(model, sizes), groundingDinoNames);
}

/** The exported programs by file name. */
export function groundingDinoExportPrograms(
  { config, shortestEdge, longestEdge }: GroundingDinoModel,
  { picture = { widthPx: 640, heightPx: 480 }, tokens = 32 }: Omit<GroundingDinoExportOptions, "modelsDir">,
): Record<string, Program> {
  const canvas = exactCanvas(shortestSideFrame(picture, shortestEdge, longestEdge));
  const places = tokenCount(pyramid(canvas, config));
  if (places < config.num_queries) throw pictureTooSmall(places, config.num_queries, canvas.width, canvas.height);
  return {
    "image.onnx": imageProgram(canvas, config),
    "text.onnx": textProgram(tokens, config, { positionCodes: true }),
    "detect.onnx": detectProgram(canvas, tokens, config, { padded: false, geometry: geometry(canvas, config) }),
  };
}
