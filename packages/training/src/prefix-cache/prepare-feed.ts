import type { Program } from "@pixelvla/core";
import type { TrainingRecipe } from "../recipe/load-recipe.ts";
import type { DataFeed } from "../samples/data-feed.ts";
import { trainBatchSpec, sampleShape } from "../samples/for-recipe.ts";
import type { BuiltTraining } from "../train/build-program.ts";
import { FrozenPrefix } from "./frozen-prefix.ts";

export interface PrepareFeedOptions {
  readonly trainingRecipe: TrainingRecipe;
  readonly built: BuiltTraining;
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly log: (text: string) => void;
}

/** What a train step runs, and the frozen prefix whose values it is fed; undefined where the step runs whole. */
export interface PreparedTraining {
  readonly program: Program;
  readonly prefix: FrozenPrefix | undefined;
}

/**
 * Prepares a feed for a run: cuts the frozen prefix off and caches it where that is possible and worth it. Before it is relied on,
 * a first batch shows that the prefix treats samples one by one; where it does not, the step runs whole.
 */
export async function prepareFeed(feed: DataFeed, options: PrepareFeedOptions): Promise<PreparedTraining> {
  const { trainingRecipe, built, values, log } = options;
  const { recipe, training } = trainingRecipe;
  const hasPrompts = sampleShape(trainingRecipe).usesAnnotations;
  const nSamples = training.batchSize * training.microBatches;
  const prefix = await FrozenPrefix.open({ built, training, hasPrompts, values, log });
  if (prefix !== undefined) {
    await feed.prepare(trainBatchSpec(trainingRecipe, built.policy, prefix.prefix), training.batchSize);
    if (await prefix.isPerSample(await feed.batchOnce(0))) {
      await feed.prepare(trainBatchSpec(trainingRecipe, built.policy, prefix.suffix), nSamples, prefix);
      return { program: prefix.suffix, prefix };
    }
    log(`the frozen prefix of "${recipe.name}" is not cached: a sample's values change with its place in the batch`);
    await prefix.dispose();
  }
  await feed.prepare(trainBatchSpec(trainingRecipe, built.policy, built.program), nSamples);
  return { program: built.program, prefix: undefined };
}
