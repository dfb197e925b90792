import type { ProviderName } from "@pixelvla/engines";
import { RunPolicy } from "../policy/run-policy.ts";
import { sampleShape } from "../samples/for-recipe.ts";
import { SampleStore } from "../samples/sample-store.ts";
import type { PromptKind } from "../samples/visual-prompts.ts";

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
  const { episodeIndex, frameIndex, promptKind } = options;
  const policy = await RunPolicy.load(
    options.run,
    options.provider === undefined ? {} : { provider: options.provider },
  );
  let store: SampleStore | undefined;
  try {
    const { trainingRecipe, recipe, statistics } = policy;
    const { data } = trainingRecipe.training;
    const shape = sampleShape(trainingRecipe);
    store = await SampleStore.open({ dataset: options.dataset, shape, data: { ...data, split: null }, statistics });
    const sample = await store.sampleByIndex(episodeIndex, frameIndex);
    const chunkOptions = promptKind === undefined ? {} : { promptKind };
    await policy.normalisedChunk(sample, chunkOptions); // the first run also allocates
    const start = performance.now();
    const chunk = await policy.normalisedChunk(sample, chunkOptions);
    const latencyMs = performance.now() - start;
    const { weights, actions } = sample.chunk;
    const rows = (flat: Float32Array) => {
      const inUnits = policy.inUnits(flat);
      const width = recipe.actionDim;
      return Array.from({ length: recipe.chunkSize }, (_, k) => [...inUnits.subarray(k * width, (k + 1) * width)]);
    };
    return {
      checkpoint: policy.checkpoint,
      trainStep: policy.trainStep,
      instruction: sample.instruction,
      episodeIndex,
      frameIndex,
      actionNames: store.dataset.info.actionNames,
      predicted: rows(chunk),
      demonstrated: rows(actions).map((row, k) => (weights[k] === 1 ? row : null)),
      l1: weightedL1(chunk, actions, weights),
      latencyMs,
    };
  } finally {
    await store?.close();
    await policy.close();
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
