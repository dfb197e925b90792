import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Recipe } from "@pixelvla/core";
import type { TrainState } from "@pixelvla/engines";
import { stringify } from "yaml";
import { z } from "zod";
import { notARun } from "../errors.ts";
import { datasetStatisticsSchema, type DatasetStatistics } from "../samples/statistics.ts";
import { readFloatTensors, writeFloatTensors, type FloatTensor } from "./float-tensors.ts";

/** Files of a checkpoint folder. */
export const CHECKPOINT_FILES = {
  /** Weights of the policy, under the parameters' own names. */
  policy: "model.safetensors",
  /** Their moving average, where one is kept; preferred for prediction. */
  average: "average.safetensors",
  /** Moments of the optimizer, named `first/NAME` and so on. */
  optimizer: "optimizer.safetensors",
  recipe: "recipe.yaml",
  /** Layout of OpenVLA's file of that name. */
  statistics: "dataset_statistics.json",
  state: "train_state.json",
} as const;

const stateSchema = z.object({
  version: z.literal(1),
  step: z.int().nonnegative(),
  seed: z.int(),
  fingerprint: z.string().describe("Of the dataset the run trains on"),
  samplesPerStep: z.int().positive(),
  nextVisit: z
    .int()
    .nonnegative()
    .describe("Visit number of the next sample: the sampler and all random draws follow from it"),
});
export type TrainProgressState = z.output<typeof stateSchema>;

/** A checkpoint in memory. */
export interface TrainCheckpoint {
  readonly progress: TrainProgressState;
  readonly statistics: DatasetStatistics;
  /** Recipe document as saved, YAML. */
  readonly recipe: string;
}

const AVERAGE = "ema/";
const PARAMETER = "parameter/";

/** Fills the checkpoint folder `dir`. `frozen` are weights that do not train and come from no file. */
export async function saveTrainCheckpoint(
  dir: string,
  parts: {
    readonly state: TrainState;
    readonly frozen: ReadonlyMap<string, FloatTensor>;
    readonly recipe: Recipe;
    readonly statistics: DatasetStatistics;
    readonly progress: Omit<TrainProgressState, "version">;
  },
): Promise<void> {
  const policy = new Map<string, FloatTensor>(parts.frozen);
  const average = new Map<string, FloatTensor>(parts.frozen);
  const optimizer = new Map<string, FloatTensor>();
  for (const [name, tensor] of parts.state.tensors) {
    if (name.startsWith(PARAMETER)) policy.set(name.slice(PARAMETER.length), tensor);
    else if (name.startsWith(AVERAGE)) average.set(name.slice(AVERAGE.length), tensor);
    else optimizer.set(name, tensor);
  }
  const file = (name: keyof typeof CHECKPOINT_FILES) => join(dir, CHECKPOINT_FILES[name]);
  await writeFloatTensors(file("policy"), policy);
  if (average.size > parts.frozen.size) await writeFloatTensors(file("average"), average);
  await writeFloatTensors(file("optimizer"), optimizer);
  writeFileSync(file("recipe"), stringify(parts.recipe));
  writeFileSync(file("statistics"), `${JSON.stringify(parts.statistics, null, 2)}\n`);
  writeFileSync(file("state"), `${JSON.stringify({ version: 1, ...parts.progress }, null, 2)}\n`);
}

/** Reads what is small in a checkpoint folder. @throws PVLA_RUN */
export function readTrainCheckpoint(dir: string): TrainCheckpoint {
  try {
    const json = (name: keyof typeof CHECKPOINT_FILES): unknown =>
      JSON.parse(readFileSync(join(dir, CHECKPOINT_FILES[name]), "utf8"));
    return {
      progress: stateSchema.parse(json("state")),
      statistics: datasetStatisticsSchema.parse(json("statistics")),
      recipe: readFileSync(join(dir, CHECKPOINT_FILES.recipe), "utf8"),
    };
  } catch (error) {
    throw notARun(dir, `the checkpoint cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** Weights of a checkpoint for prediction or as a start: the moving average where there is one. */
export function readPolicyWeights(dir: string, { average = true } = {}): Promise<Map<string, FloatTensor>> {
  const averageFile = join(dir, CHECKPOINT_FILES.average);
  return readFloatTensors(average && existsSync(averageFile) ? averageFile : join(dir, CHECKPOINT_FILES.policy));
}

/** The state from which a train session goes on bit for bit, given the names that train. */
export async function readTrainState(dir: string, step: number, trained: readonly string[]): Promise<TrainState> {
  const tensors = await readFloatTensors(join(dir, CHECKPOINT_FILES.optimizer));
  const add = async (file: string, role: string) => {
    const read = await readFloatTensors(join(dir, file));
    for (const name of trained) {
      const tensor = read.get(name);
      if (tensor !== undefined) tensors.set(role + name, tensor);
    }
  };
  await add(CHECKPOINT_FILES.policy, PARAMETER);
  if (existsSync(join(dir, CHECKPOINT_FILES.average))) await add(CHECKPOINT_FILES.average, AVERAGE);
  return { step, tensors };
}
