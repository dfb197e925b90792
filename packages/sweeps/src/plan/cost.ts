import { detectableDifference } from "@pixelvla/bench";
import { builtinRegistry, buildTraining, checkRecipe } from "@pixelvla/training";
import { episodesOf } from "./plan-sweep.ts";
import type { Sweep } from "./sweep-file.ts";
import type { SweepPlan, TrainTask } from "./task.ts";

/** What one training run of a sweep comes to. */
export interface TrainCost {
  readonly id: string;
  readonly steps: number;
  readonly samples: number;
  /** Forward and backward, without what a cached prefix saves. */
  readonly flops: number;
  readonly trainableParameters: number;
}

/** What a sweep comes to, before anything is run. */
export interface SweepCost {
  readonly training: readonly TrainCost[];
  readonly flops: number;
  readonly nEvaluations: number;
  readonly nEpisodes: number;
  /** For every column: episodes of an arm (layouts x seeds), and the smallest difference of two arms they show (80 % power, 5 % level, unpaired). */
  readonly columns: readonly { readonly name: string; readonly n: number; readonly detectable: number }[];
}

/** @throws PVLA_STAGE, PVLA_INCOMPATIBLE where a stage does not go with its recipe */
export function sweepCost({ columns, evaluation, seeds }: Sweep, { tasks }: SweepPlan): SweepCost {
  const training = tasks.filter((task) => task.kind === "train").map(trainCost);
  const evaluations = tasks.filter((task) => task.kind === "evaluate");
  return {
    training,
    flops: training.reduce((sum, { flops }) => sum + flops, 0),
    nEvaluations: evaluations.length,
    nEpisodes: evaluations.reduce((sum, task) => sum + episodesOf(task).length, 0),
    columns: columns.map(({ name, variants, episodes }) => {
      const own = variants.map((variant) => ({ name: variant, episodes: episodes ?? evaluation.episodes }));
      const n = episodesOf({ ...evaluation, variants: own }).length * seeds.length;
      return { name, n, detectable: detectableDifference(n) };
    }),
  };
}

function trainCost({ id, config }: TrainTask): TrainCost {
  const recipe = checkRecipe(config.recipe);
  const { steps, batchSize, microBatches } = recipe.training;
  const { cost } = buildTraining(recipe, builtinRegistry());
  const { forwardFlops, backwardFlops, trainableParameters } = cost.total;
  return {
    id,
    steps,
    samples: steps * batchSize * microBatches,
    flops: (forwardFlops + backwardFlops) * microBatches * steps,
    trainableParameters,
  };
}
