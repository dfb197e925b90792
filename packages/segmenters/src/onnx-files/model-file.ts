import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { basename, isAbsolute, join, resolve } from "node:path";
import { openOnnxFile, type OnnxFile } from "@pixelvla/engines";
import { z } from "zod";
import type { ModelIdentity, OpenContext } from "../contracts.ts";
import { wrongHash } from "./errors.ts";

/** Options of one file. */
export const fileOptions = {
  file: z.string().min(1).describe("Path of an ONNX file, or of one below the models folder"),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe("SHA-256 that the file must have"),
};

/** An open model file and what it is known by. */
export interface ModelFile extends ModelIdentity {
  readonly onnx: OnnxFile;
}

/**
 * Opens a file by path, or below `modelsDir`; `modelVersion` is the start of its hash.
 * @throws PVLA_ONNX_FILE, PVLA_MODEL_HASH
 */
export async function openModelFile(
  file: string,
  sha256: string | undefined,
  context: OpenContext,
): Promise<ModelFile> {
  const pulled = context.modelsDir === undefined || isAbsolute(file) ? undefined : join(context.modelsDir, file);
  const path = pulled !== undefined && existsSync(pulled) ? pulled : resolve(file);
  const found = existsSync(path) ? await hashOf(path) : "";
  if (sha256 !== undefined && found !== "" && found !== sha256) throw wrongHash(path, found, sha256);
  const onnx = await openOnnxFile(path, {
    provider: "cpu",
    ...(context.threads === undefined ? {} : { threads: context.threads }),
  });
  return { onnx, model: basename(path), modelVersion: found.slice(0, 16) };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
