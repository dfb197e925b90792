import { TrainSession } from "@pixelvla/engines";
import { firstWeights } from "../train/first-weights.ts";
import { optimizerConfig } from "../train/build-program.ts";
import { DataFeed } from "../samples/data-feed.ts";
import { trainBatchSpec, sampleShape } from "../samples/for-recipe.ts";
import { finding, type Examination } from "./examination.ts";
import type { DoctorFinding } from "./report.ts";

/** Train steps on the one batch, fewer where a step is slow. */
const STEPS = 40;
const BUDGET_MS = 20_000;
/** A policy whose parts are wired correctly fits one batch: the loss that must be left at most. */
const GOOD = 0.7;
const BAD = 0.95;

/**
 * Trains on one batch again and again, at the recipe's highest learning rate. A loss that does not fall says that gradients, inputs or
 * targets are wrong, whatever the data. Nothing is kept.
 */
export async function checkOverfit({
  recipe,
  built,
  datasetPath,
  init,
}: Examination): Promise<DoctorFinding | undefined> {
  if (built === undefined) return undefined;
  const { training } = recipe;
  const statistics = training.data.statistics === "init" ? init?.statistics : undefined;
  const feed = await DataFeed.open(
    {
      dataset: datasetPath,
      shape: sampleShape(recipe),
      data: { ...training.data, onDamage: "skip" },
      ...(statistics === undefined ? {} : { statistics }),
    },
    recipe.recipe,
    training.seed,
  );
  let session: TrainSession | undefined;
  try {
    await feed.prepare(trainBatchSpec(recipe, built.policy, built.program), training.batchSize);
    const feeds = await feed.batchOnce(0);
    const parameters = [...built.policy.graph.parameters.values()];
    const { values } = await firstWeights(parameters, recipe.recipe, { init: training.init, pretrained: undefined });
    const steady = { ...training, schedule: { kind: "constant" as const, warmupSteps: 0, finalFactor: 1 } };
    session = await TrainSession.create(built.program, {
      optimizer: optimizerConfig(steady, built.trained),
      provider: training.provider,
      seed: training.seed,
      values,
      ...(training.threads === undefined ? {} : { threads: training.threads }),
    });
    const startedMs = performance.now();
    const losses: number[] = [];
    while (losses.length < STEPS && performance.now() - startedMs < BUDGET_MS)
      losses.push((await session.step(feeds)).loss);
    const [first, last] = [losses[0]!, losses.at(-1)!];
    const msPerStep = (performance.now() - startedMs) / losses.length;
    const share = last / first;
    const story = `One batch: loss ${first.toPrecision(3)} to ${last.toPrecision(3)} in ${losses.length} train steps of ${msPerStep.toFixed(0)} ms`;
    if (!(share < BAD))
      return finding(
        "overfit",
        "fail",
        `${story}; it does not learn even that.`,
        "Look at learning rate, trainable parts and targets",
      );
    return finding("overfit", share < GOOD ? "pass" : "warn", `${story}.`);
  } finally {
    await session?.dispose();
    await feed.close();
  }
}
