import { composePolicy, extractProgram } from "@pixelvla/core";
import { onnxruntimeEngine, type Executable, type ProviderName } from "@pixelvla/engines";
import { parse } from "yaml";
import { findCheckpoint } from "../checkpoint/find-checkpoint.ts";
import { readPolicyWeights, readTrainCheckpoint } from "../checkpoint/train-checkpoint.ts";
import { weightMismatch } from "../errors.ts";
import { checkRecipe } from "../recipe/load-recipe.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { recipeText } from "../recipe/tokenizer.ts";
import { assembleBatch } from "../samples/batch.ts";
import { batchSpec, sampleShape } from "../samples/for-recipe.ts";
import { SampleStore } from "../samples/sample-store.ts";
import { unnormaliseRow } from "../samples/statistics.ts";
import type { PromptKind } from "../samples/visual-prompts.ts";
import { bindBase, matchWeights } from "../train/initial-weights.ts";
import { stageOf } from "../train/stages.ts";

export interface PredictOptions {
  /** Run directory or checkpoint folder. */
  readonly run: string;
  readonly dataset: string;
  readonly episodeIndex: number;
  readonly frameIndex: number;
  readonly provider?: ProviderName;
  /** Visual prompt for policies that take one; default: one of the recipe's kinds. */
  readonly promptKind?: PromptKind;
}

/** A predicted chunk beside the demonstrated one, in the dataset's units (metres, radians, gripper 1 = open). */
export interface Prediction {
  readonly checkpoint: string;
  readonly trainStep: number;
  readonly instruction: string;
  readonly episodeIndex: number;
  readonly frameIndex: number;
  readonly actionNames: readonly string[];
  /** `[Nc, A]`. */
  readonly predicted: readonly (readonly number[])[];
  /** `[Nc, A]`; null past the end of the episode. */
  readonly demonstrated: readonly (readonly number[] | null)[];
  /** Mean L1 over the steps inside the episode, normalised. */
  readonly l1: number;
  readonly latencyMs: number;
}

/**
 * Predicts one chunk with a run's latest checkpoint (the moving average where it keeps one).
 * @throws PVLA_RUN, PVLA_NO_CHECKPOINT, PVLA_DATA_*, PVLA_FRAME, PVLA_WEIGHTS
 */
export async function predictFrame(options: PredictOptions): Promise<Prediction> {
  const dir = findCheckpoint(options.run);
  const { progress, statistics, recipe: document } = readTrainCheckpoint(dir);
  const trainingRecipe = checkRecipe(parse(document as string));
  const { recipe, training } = trainingRecipe;
  const registry = builtinRegistry();
  const { chunkSize, actionDim } = recipe;
  const store = await SampleStore.open({
    dataset: options.dataset,
    shape: sampleShape(trainingRecipe),
    data: { ...training.data, split: null },
    statistics,
  });
  let executable: Executable | undefined;
  try {
    const sample = await store.sampleByIndex(options.episodeIndex, options.frameIndex);
    const { withoutPixelParts } = stageOf(recipe, training.stage);
    const policy = composePolicy(recipe, registry, { batch: 1, mode: "predict", withoutPixelParts });
    await bindBase(policy.graph, recipe);
    const program = extractProgram(policy.graph, { chunk: policy.chunk! });
    const { values, fresh } = matchWeights(program.parameters, await readPolicyWeights(dir), dir);
    if (fresh[0] !== undefined) throw weightMismatch(fresh[0], "missing", "every weight of the policy", dir);
    executable = await onnxruntimeEngine({ provider: options.provider ?? "cpu" }).compile(program, { values });
    const spec = batchSpec(trainingRecipe, policy, program);
    const prompts = {
      kinds: options.promptKind === undefined ? spec.prompts.kinds : [options.promptKind],
      dropout: 0,
      jitterPx: 0,
    };
    const feeds = assembleBatch([sample], [0], { ...spec, prompts }, recipeText(recipe, registry));
    await executable.run(feeds);
    const start = performance.now();
    const { chunk } = await executable.run(feeds);
    const latencyMs = performance.now() - start;
    const normalised = chunk as Float32Array;
    const { weights, actions } = sample.chunk;
    const rows = (flat: Float32Array) =>
      Array.from({ length: chunkSize }, (_, k) => {
        const row = flat.slice(k * actionDim, (k + 1) * actionDim);
        unnormaliseRow(row, statistics.action);
        return [...row];
      });
    return {
      checkpoint: dir,
      trainStep: progress.step,
      instruction: sample.instruction,
      episodeIndex: options.episodeIndex,
      frameIndex: options.frameIndex,
      actionNames: store.dataset.info.actionNames,
      predicted: rows(normalised),
      demonstrated: rows(actions).map((row, k) => (weights[k] === 1 ? row : null)),
      l1: weightedL1(normalised, actions, weights),
      latencyMs,
    };
  } finally {
    await executable?.dispose();
    await store.close();
  }
}

function weightedL1(a: Float32Array, b: Float32Array, weights: Float32Array): number {
  const width = a.length / weights.length;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.length; i++) {
    const weight = weights[Math.floor(i / width)]!;
    sum += weight * Math.abs(a[i]! - b[i]!);
    count += weight;
  }
  return count === 0 ? 0 : sum / count;
}
