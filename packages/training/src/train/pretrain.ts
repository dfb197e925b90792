import { existsSync } from "node:fs";
import { join } from "node:path";
import { findLatestCheckpoint, jobPaths } from "@pixelvla/jobs";
import type { TrainingRecipe } from "../recipe/load-recipe.ts";
import type { RunConfig } from "./run-config.ts";

/** Folder inside a run that holds its pretraining, a run of its own. */
export const PRETRAIN_FOLDER = "pretrain";

/** A run's pretraining of the encoders on auxiliary losses, before its own first step. */
export interface Pretraining {
  readonly dir: string;
  readonly config: RunConfig;
  readonly steps: number;
  readonly isBegun: boolean;
  readonly isDone: boolean;
}

/** What pretraining the run in `dir` asks for, and how far it is; undefined for none. */
export function pretrainingOf(
  dir: string,
  config: RunConfig,
  { recipe, training }: TrainingRecipe,
): Pretraining | undefined {
  const { pretrain, optimizer, checkpoint } = training;
  if (pretrain === null) return undefined;
  const folder = join(dir, PRETRAIN_FOLDER);
  const { steps } = pretrain;
  const derived = {
    ...recipe,
    name: `${recipe.name}, pretraining`,
    training: {
      ...training,
      pretrain: null,
      objective: "auxiliary",
      trainable: undefined,
      steps,
      batchSize: pretrain.batchSize ?? training.batchSize,
      auxiliary: pretrain.auxiliary ?? training.auxiliary,
      optimizer: { ...optimizer, learningRate: pretrain.learningRate ?? optimizer.learningRate, emaDecay: null },
      checkpoint: { ...checkpoint, pinEverySteps: null },
      evaluation: { everySteps: null },
    },
  };
  const isBegun = existsSync(jobPaths(folder).status);
  return {
    dir: folder,
    // Through JSON: what is undefined here must be absent in the file.
    config: { ...config, recipe: JSON.parse(JSON.stringify(derived)) as Record<string, unknown> },
    steps,
    isBegun,
    isDone: isBegun && (findLatestCheckpoint(folder)?.step ?? 0) >= steps,
  };
}
