import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { initialValues, toOnnx, type Program, type Tensor } from "@pixelvla/core";
import type { NameMap } from "@pixelvla/data/checkpoints";
import { bindModel, type ModelFolder } from "../model-folder.ts";

export interface ExportedModel {
  /** File names written below the folder, models first. */
  readonly files: readonly string[];
}

/** Settings that another runtime needs to prepare its inputs; copied where the model's folder has them. */
const SETTINGS = ["config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"];
const SIGNATURES = "signatures.json";

/**
 * Writes programs as plain ONNX files which refer to copies of the model's safetensors files beside them for their weights, so
 * that nothing is converted. `signatures.json` lists inputs and outputs of every file: `{ file: { inputs: { name: [type,
 * ...shape] }, outputs } }`.
 *
 * @param programs by file name
 * @throws PVLA_MODEL_WEIGHTS
 */
export async function writePlainOnnx(
  folder: ModelFolder,
  out: string,
  programs: Readonly<Record<string, Program>>,
  names: NameMap,
): Promise<ExportedModel> {
  await mkdir(out, { recursive: true });
  const weights = [...new Set([...folder.checkpoint.tensors.values()].map(({ region }) => region.file))];
  for (const file of weights) await copyFile(file, join(out, basename(file)));
  const settings = SETTINGS.filter((file) => existsSync(join(folder.path, file)));
  for (const file of settings) await copyFile(join(folder.path, file), join(out, file));
  for (const [file, program] of Object.entries(programs)) {
    bindModel(program.graph, folder, names);
    const { bytes } = toOnnx(program, {
      placement: (parameter) =>
        parameter.source.kind === "file"
          ? { ...parameter.source, location: basename(parameter.source.file) }
          : initialValues(parameter, 0),
    });
    await writeFile(join(out, file), bytes);
  }
  const signatures = Object.fromEntries(
    Object.entries(programs).map(([file, { inputs, outputs }]) => [
      file,
      { inputs: types(inputs), outputs: types(outputs) },
    ]),
  );
  await writeFile(join(out, SIGNATURES), `${JSON.stringify(signatures, undefined, 2)}\n`);
  return { files: [...Object.keys(programs), ...weights.map((file) => basename(file)), SIGNATURES, ...settings] };
}

const types = (tensors: ReadonlyMap<string, Tensor>) =>
  Object.fromEntries([...tensors].map(([name, { dtype, shape }]) => [name, [dtype, ...shape]]));
