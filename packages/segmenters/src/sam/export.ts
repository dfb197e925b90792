import { writePlainOnnx, type ExportedModel } from "../export/plain-onnx.ts";
import { samDecoderProgram, samEncoderProgram, samNames } from "./programs.ts";
import { openSamFolder } from "./sam.ts";

/**
 * Writes SAM as plain ONNX: `encoder.onnx` and `decoder.onnx`. Inputs and outputs are those of `samEncoderProgram` and
 * `samDecoderProgram`.
 *
 * @param options.slots prompt slots of the decoder; points, box corners and the closing "not a point" take one each, label -10 leaves one unused
 * @throws PVLA_MODEL_FOLDER, PVLA_MODEL_WEIGHTS, PVLA_CHECKPOINT_NOT_FOUND, PVLA_CHECKPOINT_DAMAGED
 */
export async function exportSam(
  folderName: string,
  out: string,
  { modelsDir, slots = 8 }: { readonly modelsDir?: string; readonly slots?: number } = {},
): Promise<ExportedModel> {
  const { folder, config } = await openSamFolder(folderName, modelsDir);
  const programs = {
    "encoder.onnx": samEncoderProgram(config).program,
    "decoder.onnx": samDecoderProgram(config, slots, false).program,
  };
  return writePlainOnnx(folder, out, programs, samNames);
}
