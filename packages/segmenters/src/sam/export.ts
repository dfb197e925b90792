import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { initialValues, toOnnx } from "@pixelvla/core";
import { bindModel } from "../model-folder.ts";
import { samDecoderProgram, samEncoderProgram, samNames, type BuiltProgram } from "./programs.ts";
import { openSamFolder } from "./sam.ts";

export interface ExportedModel {
  /** File names written below the folder, models first. */
  readonly files: readonly string[];
}

/**
 * Writes SAM as plain ONNX: `encoder.onnx` and `decoder.onnx`, which refer to a copy of the safetensors file beside them for
 * their weights, so nothing is converted. Inputs and outputs are those of `samEncoderProgram` and `samDecoderProgram`.
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
  await mkdir(out, { recursive: true });
  const weightFiles = [...new Set([...folder.checkpoint.tensors.values()].map(({ region }) => region.file))];
  for (const file of weightFiles) await copyFile(file, join(out, basename(file)));
  const write = async (name: string, { graph, program }: BuiltProgram) => {
    bindModel(graph, folder, samNames);
    const { bytes } = toOnnx(program, {
      placement: (parameter) =>
        parameter.source.kind === "file"
          ? { ...parameter.source, location: basename(parameter.source.file) }
          : initialValues(parameter, 0),
    });
    await writeFile(join(out, name), bytes);
    return name;
  };
  const models = [
    await write("encoder.onnx", samEncoderProgram(config)),
    await write("decoder.onnx", samDecoderProgram(config, slots, false)),
  ];
  return { files: [...models, ...weightFiles.map((file) => basename(file))] };
}
