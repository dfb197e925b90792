import { z } from "zod";
import { noExport } from "../errors.ts";
import { exportGroundingDino, type GroundingDinoExportOptions } from "../grounding-dino/export.ts";
import { openModelFolder, readModelJson } from "../model-folder.ts";
import { exportSam2 } from "../sam2/export.ts";
import { exportSam } from "../sam/export.ts";
import type { ExportedModel } from "./plain-onnx.ts";

export interface ExportOptions extends GroundingDinoExportOptions {
  /** Prompt slots of the decoders of SAM and SAM 2. */
  readonly slots?: number;
}

/**
 * Writes a model's folder as plain ONNX over its own safetensors; which family it is, its config.json says.
 * @throws PVLA_MODEL_EXPORT for another family, and what `exportSam`, `exportSam2` and `exportGroundingDino` throw
 */
export async function exportModel(
  folderName: string,
  out: string,
  { slots, picture, tokens, modelsDir }: ExportOptions = {},
): Promise<ExportedModel> {
  const { path } = await openModelFolder(folderName, modelsDir);
  const { model_type: family } = await readModelJson(path, "config.json", z.object({ model_type: z.string() }));
  switch (family) {
    case "sam":
      return exportSam(path, out, slots === undefined ? {} : { slots });
    case "sam2":
    case "sam2_video":
      return exportSam2(path, out, slots === undefined ? {} : { slots });
    case "grounding-dino":
      return exportGroundingDino(path, out, { ...(picture && { picture }), ...(tokens !== undefined && { tokens }) });
    default:
      throw noExport(path, family);
  }
}
