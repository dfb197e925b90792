import { sizeOf, type ComposedPolicy, type Program } from "@pixelvla/core";
import type { TrainingRecipe } from "../recipe/load-recipe.ts";
import { stageOf } from "../train/stages.ts";
import type { BatchSpec } from "./batch.ts";
import type { SampleShape } from "./sample-store.ts";

/** What a recipe's samples look like. @throws PVLA_STAGE */
export function sampleShape({ recipe, training }: TrainingRecipe): SampleShape {
  const { name, image, chunkSize, actionDim, stateDim, pixelEncoder, promptEncoder } = recipe;
  const hasPixelParts = pixelEncoder !== null || promptEncoder !== null;
  const usesAnnotations = hasPixelParts && !stageOf(recipe, training.stage).withoutPixelParts;
  const usesTargets = training.auxiliary.length > 0;
  return { recipe: name, image, chunkSize, actionDim, stateDim, usesAnnotations, usesTargets };
}

/** How samples become the feeds of a train program: as `batchSpec`, with the recipe's augmentation of pictures. */
export function trainBatchSpec(recipe: TrainingRecipe, policy: ComposedPolicy, program: Program): BatchSpec {
  return { ...batchSpec(recipe, policy, program), augment: recipe.training.data.augment };
}

/** How samples become the feeds of a compiled program, pictures as they are. */
export function batchSpec({ recipe, training }: TrainingRecipe, policy: ComposedPolicy, program: Program): BatchSpec {
  const { promptKinds, promptDropout, promptJitterPx } = training.data;
  return {
    text: recipe.text,
    placeholders: policy.placeholders,
    inputs: Object.fromEntries(
      [...program.inputs].map(([name, { shape }]) => [name, sizeOf(shape) / policy.shape.batch]),
    ),
    seed: training.seed,
    image: recipe.image,
    prompts: { kinds: promptKinds, dropout: promptDropout, jitterPx: promptJitterPx },
    augment: null,
  };
}
