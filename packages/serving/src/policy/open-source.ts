import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import {
  checkRecipe,
  datasetStatisticsSchema,
  findCheckpoint,
  loadRecipe,
  readPolicyWeights,
  readTrainCheckpoint,
  type DatasetStatistics,
  type FloatTensor,
  type TrainingRecipe,
} from "@pixelvla/training";
import { parse } from "yaml";
import { noPolicy } from "../errors.ts";

/** A policy as it lies on disk: recipe, statistics and weights, none of them compiled. */
export interface GraphSource {
  readonly kind: "run" | "recipe";
  readonly path: string;
  readonly trainingRecipe: TrainingRecipe;
  /** Undefined for a bare recipe: actions then stay normalised to [-1, 1]. */
  readonly statistics: DatasetStatistics | undefined;
  /** Checkpoint folder of a run. */
  readonly checkpoint?: string;
  readonly trainStep?: number;
  /** Trained weights by parameter name; empty for a bare recipe. */
  weights(): Promise<ReadonlyMap<string, FloatTensor>>;
}

export interface OpenSourceOptions {
  /** `key=value` overrides of the recipe, as `--set`. */
  readonly overrides?: readonly string[];
  /** `dataset_statistics.json` to use instead of the run's own; the only one a bare recipe can have. */
  readonly statistics?: string;
}

/**
 * Opens what `path` names: a run directory, a checkpoint folder, or a recipe file (whose weights are random where it names no
 * checkpoint).
 * @throws PVLA_SERVE_SOURCE, PVLA_RUN, PVLA_NO_CHECKPOINT, PVLA_CONFIG
 */
export function openGraphSource(path: string, { overrides = [], statistics }: OpenSourceOptions = {}): GraphSource {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw noPolicy(path, "no such file or folder");
  const given = statistics === undefined ? undefined : readStatisticsFile(statistics);
  if (stat.isDirectory()) {
    const checkpoint = findCheckpoint(path);
    const { progress, statistics: own, recipe } = readTrainCheckpoint(checkpoint);
    return {
      kind: "run",
      path: resolve(path),
      trainingRecipe: checkRecipe(parse(recipe), undefined, overrides),
      statistics: given ?? own,
      checkpoint,
      trainStep: progress.step,
      weights: () => readPolicyWeights(checkpoint),
    };
  }
  if (!/\.ya?ml$/.test(path)) throw noPolicy(path, "a file that is no recipe");
  return {
    kind: "recipe",
    path: resolve(path),
    trainingRecipe: loadRecipe(path, overrides),
    statistics: given,
    weights: () => Promise.resolve(new Map<string, FloatTensor>()),
  };
}

function readStatisticsFile(file: string): DatasetStatistics {
  if (!existsSync(file)) throw noPolicy(file, "no such statistics file");
  try {
    return datasetStatisticsSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw noPolicy(file, "a file that is no dataset_statistics.json", error);
  }
}
