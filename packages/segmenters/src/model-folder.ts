import { createHash } from "node:crypto";
import { open, readFile, stat } from "node:fs/promises";
import { basename, isAbsolute, join, resolve } from "node:path";
import type { Graph } from "@pixelvla/core";
import {
  bindParameters,
  openCheckpoint,
  type BindReport,
  type Checkpoint,
  type NameMap,
} from "@pixelvla/data/checkpoints";
import { z } from "zod";
import type { ModelIdentity } from "./contracts.ts";
import { modelFolderDamaged, modelWeightsMismatch } from "./errors.ts";

/** What `pixelvla models pull` notes beside the files: the commit they are of. */
const PULLED = z.object({ origin: z.string().transform((origin) => /@([0-9a-f]{7,40})/.exec(origin)?.[1]) });

/** A folder as transformers' `save_pretrained` writes it: config.json, preprocessor_config.json, safetensors. */
export interface ModelFolder extends ModelIdentity {
  readonly path: string;
  /** Headers only; weights stay in their files and are mapped from there. */
  readonly checkpoint: Checkpoint;
}

/**
 * Opens a folder by path, or by name below `modelsDir` (`owner/name` or `name`).
 * `modelVersion` is the revision that `pull.json` records, else a fingerprint of configuration and weights.
 *
 * @throws PVLA_MODEL_FOLDER, PVLA_CHECKPOINT_NOT_FOUND, PVLA_CHECKPOINT_DAMAGED
 */
export async function openModelFolder(nameOrPath: string, modelsDir?: string): Promise<ModelFolder> {
  const path = await locate(nameOrPath, modelsDir);
  const checkpoint = await openCheckpoint(path);
  const pulled = await readJson(path, "pull.json").catch(() => undefined);
  const revision = PULLED.safeParse(pulled).data?.origin;
  return {
    path,
    checkpoint,
    model: basename(path),
    modelVersion: revision ?? (await fingerprint(path, checkpoint)),
  };
}

async function locate(nameOrPath: string, modelsDir: string | undefined): Promise<string> {
  const candidates = [
    ...(modelsDir === undefined || isAbsolute(nameOrPath) ? [] : [join(modelsDir, nameOrPath)]),
    resolve(nameOrPath),
  ];
  for (const path of candidates) if ((await stat(path).catch(() => undefined))?.isDirectory() === true) return path;
  throw modelFolderDamaged(nameOrPath, "no such folder", `Download it with: pixelvla models pull ${nameOrPath}`);
}

/**
 * Reads one JSON file of a model folder and checks it. Fields the schema does not know are ignored, as configurations
 * carry many that do not concern us.
 * @throws PVLA_MODEL_FOLDER
 */
export async function readModelJson<S extends z.ZodType>(path: string, file: string, schema: S): Promise<z.output<S>> {
  const parsed = schema.safeParse(await readJson(path, file));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw modelFolderDamaged(
    path,
    `${file}: ${issue.path.length === 0 ? "the document" : issue.path.join(".")}: ${issue.message}`,
    "Check that the folder holds a model of this kind, or download it again",
  );
}

async function readJson(path: string, file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(join(path, file), "utf8");
  } catch {
    throw modelFolderDamaged(path, `no readable ${file}`, "Download the folder again");
  }
  try {
    return JSON.parse(text);
  } catch {
    throw modelFolderDamaged(path, `${file} is no JSON`, "Download the folder again");
  }
}

/**
 * Points every parameter of `graph` at its tensor in the folder, in place; float16 and bfloat16 are widened by the
 * engine. Parameters for which `names` gives nothing keep their initialisers.
 * @throws PVLA_MODEL_WEIGHTS when a tensor is missing or has another shape
 */
export function bindModel(graph: Graph, { path, checkpoint }: ModelFolder, names: NameMap): BindReport {
  const report = bindParameters(graph, checkpoint, names);
  if (report.missing.length > 0 || report.mismatched.length > 0)
    throw modelWeightsMismatch(path, report.missing, report.mismatched, report.unused);
  return report;
}

/** Blocks of 4 KiB taken from each file, evenly spread: 2.5 GB of weights are not read to name them. */
const FINGERPRINT_BLOCKS = 64;

/** SHA-256 over config.json, tensor names, shapes and types, file sizes and samples of every file; 16 hex digits. */
async function fingerprint(path: string, { tensors }: Checkpoint): Promise<string> {
  const hash = createHash("sha256");
  hash.update(await readFile(join(path, "config.json")).catch(() => ""));
  for (const [name, { shape, region }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name} ${region.dtype} ${shape.join(",")}\n`);
  for (const file of [...new Set([...tensors.values()].map(({ region }) => region.file))].sort()) {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      hash.update(String(size));
      const block = Buffer.alloc(4096);
      for (let i = 0; i < FINGERPRINT_BLOCKS; i++) {
        const { bytesRead } = await handle.read(block, 0, block.length, Math.floor((size * i) / FINGERPRINT_BLOCKS));
        hash.update(block.subarray(0, bytesRead));
      }
    } finally {
      await handle.close();
    }
  }
  return hash.digest("hex").slice(0, 16);
}
