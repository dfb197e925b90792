import type { Program } from "@pixelvla/core";
import { z } from "zod";
import { writePlainOnnx, type ExportedModel } from "../export/plain-onnx.ts";
import { openModelFolder, readModelJson } from "../model-folder.ts";
import { sam2Names } from "./checkpoint-tensors.ts";
import type { Sam2Config } from "./config.ts";
import { parseSam2Config } from "./parse-config.ts";
import { decoderProgram, encoderProgram, memoryAttentionProgram, memoryEncoderProgram } from "./programs.ts";

/**
 * Writes SAM 2.1 as plain ONNX: `image-encoder.onnx`; `decoder.onnx` and `decoder-with-mask.onnx`; for checkpoints with video
 * memory also `memory-encoder.onnx` and `memory-attention-N.onnx` for N remembered frames, 1 to the bank's size. Inputs and
 * outputs are those of `programs.ts`. What binds them (which frames are remembered, which mask is chosen) is in `video/`.
 *
 * @param options.slots prompt tokens of the decoders; `valid` 0 leaves one unused
 * @throws PVLA_MODEL_FOLDER, PVLA_MODEL_WEIGHTS, PVLA_SAM2_CONFIG, PVLA_CHECKPOINT_NOT_FOUND, PVLA_CHECKPOINT_DAMAGED
 */
export async function exportSam2(
  folderName: string,
  out: string,
  { modelsDir, slots = 8 }: { readonly modelsDir?: string; readonly slots?: number } = {},
): Promise<ExportedModel> {
  const folder = await openModelFolder(folderName, modelsDir);
  const config = parseSam2Config(await readModelJson(folder.path, "config.json", z.unknown()), folder.path);
  return writePlainOnnx(folder, out, sam2ExportPrograms(config, slots), sam2Names);
}

/** The exported programs by file name. */
export function sam2ExportPrograms(config: Sam2Config, slots: number): Record<string, Program> {
  const { memory } = config;
  const programs: Record<string, Program> = {
    "image-encoder.onnx": encoderProgram(config),
    "decoder.onnx": decoderProgram(config, { nPrompts: slots, hasMask: false }),
    "decoder-with-mask.onnx": decoderProgram(config, { nPrompts: slots, hasMask: true }),
  };
  if (memory === undefined) return programs;
  programs["memory-encoder.onnx"] = memoryEncoderProgram(config, memory);
  for (let nFrames = 1; nFrames <= memory.nSlots; nFrames++) {
    const sizes = { nFrames, nPointers: memory.maxPointers, padded: true };
    programs[`memory-attention-${nFrames}.onnx`] = memoryAttentionProgram(config, memory, sizes);
  }
  return programs;
}
