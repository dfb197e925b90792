import { composePolicy, extractProgram, type HostArray, type Program } from "@pixelvla/core";
import { onnxruntimeEngine, TrainSession } from "@pixelvla/engines";
import type { TrainingRecipe } from "../../src/recipe/load-recipe.ts";
import { builtinRegistry } from "../../src/recipe/registry.ts";
import { recipeText } from "../../src/recipe/tokenizer.ts";
import { assembleBatch } from "../../src/samples/batch.ts";
import { batchSpec } from "../../src/samples/for-recipe.ts";
import type { Sample } from "../../src/samples/sample-store.ts";
import type { PromptKind } from "../../src/samples/visual-prompts.ts";
import { buildTraining, optimizerConfig } from "../../src/train/build-program.ts";

export interface FitReport {
  readonly parameters: number;
  readonly steps: number;
  readonly minutes: number;
  readonly firstLoss: number;
  readonly lastLoss: number;
  /** Predicted chunks `[Nc, A]` of each question's samples, normalised. */
  readonly chunks: readonly (readonly Float32Array[])[];
}

/** Samples to predict chunks for once the policy is trained. */
export interface Question {
  readonly samples: readonly Sample[];
  /** Kinds of visual prompt drawn from; default those of the recipe. */
  readonly promptKinds?: readonly PromptKind[];
}

/**
 * Trains a policy from scratch on samples held in memory and predicts chunks for others, through the same programs,
 * batches and optimizer as a run. `batchAt(step)` gives the samples of a train step, `batchSize` of them. `minutes` are those
 * of training.
 */
export async function fitSamples(
  recipe: TrainingRecipe,
  batchAt: (step: number) => readonly Sample[],
  questions: readonly Question[],
  onStep: (step: number, loss: number) => void = () => undefined,
): Promise<FitReport> {
  const { training } = recipe;
  const built = buildTraining(recipe, builtinRegistry());
  const text = recipeText(recipe.recipe, builtinRegistry());
  const spec = batchSpec(recipe, built.policy, built.program);
  const threads = training.threads ?? 1;
  const session = await TrainSession.create(built.program, {
    optimizer: optimizerConfig(training, built.trained),
    seed: training.seed,
    threads,
  });
  const start = performance.now();
  const losses: number[] = [];
  try {
    for (let step = 0; step < training.steps; step++) {
      const samples = batchAt(step);
      const visits = samples.map((_, i) => step * samples.length + i);
      const { loss } = await session.step(assembleBatch(samples, visits, spec, text));
      losses.push(loss);
      onStep(step, loss);
    }
    const { tensors } = await session.save();
    const values = new Map(built.trained.map(({ name }) => [name, tensors.get(`parameter/${name}`)!.data]));
    const minutes = (performance.now() - start) / 60_000;
    const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    const chunks: Float32Array[][] = [];
    for (const question of questions) chunks.push(await predict(recipe, values, question, threads));
    return {
      parameters: built.trained.reduce((sum, { tensor }) => sum + tensor.shape.reduce((a, b) => a * b, 1), 0),
      steps: training.steps,
      minutes,
      firstLoss: losses[0]!,
      lastLoss: mean(losses.slice(-10)),
      chunks,
    };
  } finally {
    await session.dispose();
  }
}

async function predict(
  recipe: TrainingRecipe,
  values: ReadonlyMap<string, Float32Array>,
  { samples: asked, promptKinds }: Question,
  threads: number,
): Promise<Float32Array[]> {
  const batch = greatestDivisor(asked.length, 16);
  const { withoutPixelParts } = buildTraining(recipe, builtinRegistry()).stage;
  const policy = composePolicy(recipe.recipe, builtinRegistry(), { batch, mode: "predict", withoutPixelParts });
  const program: Program = extractProgram(policy.graph, { chunk: policy.chunk! });
  const text = recipeText(recipe.recipe, builtinRegistry());
  const spec = { ...batchSpec(recipe, policy, program) };
  const kinds = promptKinds ?? spec.prompts.kinds;
  const always = { ...spec, prompts: { kinds, dropout: 0, jitterPx: 0 } };
  const executable = await onnxruntimeEngine().compile(program, { values, seed: recipe.training.seed, threads });
  const chunks: Float32Array[] = [];
  try {
    for (let at = 0; at + batch <= asked.length; at += batch) {
      const samples = asked.slice(at, at + batch);
      const feeds: Record<string, HostArray> = assembleBatch(
        samples,
        samples.map((_, i) => at + i),
        always,
        text,
      );
      const { chunk } = await executable.run(feeds);
      const size = chunk!.length / batch;
      for (let i = 0; i < batch; i++) chunks.push((chunk as Float32Array).slice(i * size, (i + 1) * size));
    }
  } finally {
    await executable.dispose();
  }
  return chunks;
}

/** The greatest divisor of `n` that is at most `limit`: every batch is full, and none is left over. */
function greatestDivisor(n: number, limit: number): number {
  let batch = Math.min(n, limit);
  while (n % batch !== 0) batch--;
  return batch;
}
