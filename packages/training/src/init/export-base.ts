import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { float32ToBfloat16, float32ToFloat16, writeSafetensors } from "@pixelvla/data/checkpoints";
import { jobPaths, readStatus } from "@pixelvla/jobs";
import { findCheckpoint } from "../checkpoint/find-checkpoint.ts";
import type { FloatTensor } from "../checkpoint/float-tensors.ts";
import { CHECKPOINT_FILES, readPolicyWeights, readTrainCheckpoint } from "../checkpoint/train-checkpoint.ts";
import { badBaseEvaluation, baseOverflow, baseTooLarge } from "../errors.ts";
import { checkRecipe } from "../recipe/load-recipe.ts";
import { readRunConfig } from "../train/run-config.ts";
import { parse } from "yaml";
import { baseEvaluationSchema, baseReadme, type BaseEvaluation } from "./base-readme.ts";

/** How weights are stored in a base checkpoint. float16 keeps three more bits of each weight than bfloat16. */
export const BASE_DTYPES = ["float16", "bfloat16", "float32"] as const;
export type BaseDtype = (typeof BASE_DTYPES)[number];

export interface ExportBaseOptions {
  /** Run directory, or a checkpoint folder of one. */
  readonly run: string;
  /** Folder to write; its last part is the base's name. */
  readonly out: string;
  /** Default `"float16"`. */
  readonly dtype?: BaseDtype;
  /** `results.json` files of evaluations, whose tables go into the README. */
  readonly evaluations?: readonly string[];
  /** Largest weights file, bytes. Default 4 MB: bases are kept in the repository. */
  readonly maxBytes?: number;
}

/** What was written. */
export interface ExportedBase {
  readonly out: string;
  readonly recipe: string;
  readonly trainStep: number;
  readonly nTensors: number;
  readonly bytes: number;
}

const BASE_BYTES = 4e6;

/**
 * Writes a run as a base checkpoint: weights (their moving average where there is one) in half precision, recipe, statistics, state
 * and a README with the command, seed and metrics. It opens like any checkpoint folder; only resuming needs the run itself.
 * @throws PVLA_RUN, PVLA_NO_CHECKPOINT, PVLA_BASE for weights that half precision cannot hold, a file too large, or an evaluation
 * that is none
 */
export async function exportBase(options: ExportBaseOptions): Promise<ExportedBase> {
  const { run, dtype = "float16", maxBytes = BASE_BYTES } = options;
  const evaluations = await Promise.all((options.evaluations ?? []).map(readEvaluation));
  const out = resolve(options.out);
  const checkpoint = findCheckpoint(run);
  const { progress, statistics, recipe: document } = readTrainCheckpoint(checkpoint);
  const { recipe, training } = checkRecipe(parse(document));
  const tensors = [...(await readPolicyWeights(checkpoint))].map(([name, tensor]) => ({
    name,
    dtype,
    shape: tensor.shape,
    data: stored(name, tensor, dtype),
  }));
  const bytes = tensors.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > maxBytes) throw baseTooLarge(run, bytes, maxBytes, dtype);
  await mkdir(out, { recursive: true });
  await writeSafetensors(join(out, CHECKPOINT_FILES.policy), tensors);
  for (const name of ["recipe", "statistics", "state"] as const)
    await copyFile(join(checkpoint, CHECKPOINT_FILES[name]), join(out, CHECKPOINT_FILES[name]));
  const runDir = dirname(dirname(checkpoint));
  const readme = baseReadme({
    recipe,
    training,
    statistics,
    progress,
    dtype,
    bytes,
    command: trainCommand(runDir),
    workedS: (await readStatus(runDir).catch(() => undefined))?.workedS,
    summary: await json(join(jobPaths(runDir).results, "summary.json")),
    evaluations,
  });
  await writeFile(join(out, "README.md"), readme);
  return { out, recipe: recipe.name, trainStep: progress.step, nTensors: tensors.length, bytes };
}

/** @throws PVLA_BASE for a weight beyond the range of float16 */
function stored(name: string, { data }: FloatTensor, dtype: BaseDtype): Uint16Array | Float32Array {
  if (dtype === "float32") return data;
  if (dtype === "bfloat16") return float32ToBfloat16(data);
  const HALF_MAX = 65_504;
  const largest = data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  if (!(largest <= HALF_MAX)) throw baseOverflow(name, largest);
  return float32ToFloat16(data);
}

/** The command that makes such a run, with the paths of this machine left out; undefined where the run's config is gone. */
function trainCommand(runDir: string): string | undefined {
  try {
    const { recipeFile } = readRunConfig(runDir);
    const file = recipeFile === null ? "RECIPE" : relative(process.cwd(), recipeFile);
    return `pixelvla train ${file.startsWith("..") ? "RECIPE" : file} --dataset DEMONSTRATIONS --run RUN`;
  } catch {
    return undefined;
  }
}

/** @throws PVLA_BASE */
async function readEvaluation(file: string): Promise<BaseEvaluation> {
  const read = baseEvaluationSchema.safeParse(await json(file));
  if (!read.success) throw badBaseEvaluation(file, read.error);
  return read.data;
}

/** What a JSON file holds; undefined where there is none. */
const json = async (file: string): Promise<unknown> =>
  readFile(file, "utf8")
    .then((text) => JSON.parse(text) as unknown)
    .catch(() => undefined);
