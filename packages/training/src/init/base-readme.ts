import { basename } from "node:path";
import type { Recipe } from "@pixelvla/core";
import { z } from "zod";
import type { TrainProgressState } from "../checkpoint/train-checkpoint.ts";
import type { DatasetStatistics } from "../samples/statistics.ts";
import type { TrainingOptions } from "../training-options.ts";

/** The part of an evaluation's `results.json` that a base's README shows. */
export const baseEvaluationSchema = z.object({
  options: z.object({ maskSource: z.string(), executeSteps: z.number() }),
  firstSeed: z.number(),
  summary: z.array(
    z.object({
      task: z.string(),
      variant: z.string(),
      nEpisodes: z.number(),
      success: z.object({ share: z.number(), low: z.number(), high: z.number() }),
    }),
  ),
});
export type BaseEvaluation = z.output<typeof baseEvaluationSchema>;

export interface BaseFacts {
  readonly recipe: Recipe;
  readonly training: TrainingOptions;
  readonly statistics: DatasetStatistics;
  readonly progress: TrainProgressState;
  readonly dtype: string;
  readonly bytes: number;
  readonly command: string | undefined;
  readonly workedS: number | undefined;
  /** The run's `summary.json`. */
  readonly summary: unknown;
  readonly evaluations: readonly BaseEvaluation[];
}

/** README of a base checkpoint: what it is, the command, seed and metrics that made it. */
export function baseReadme(facts: BaseFacts): string {
  const { recipe, training, statistics, progress, dtype, bytes, command, workedS, evaluations } = facts;
  const pretrain = training.pretrain === null ? "" : `, after ${training.pretrain.steps} train steps of pretraining`;
  const summary = facts.summary as { trainL1?: number | null; bestConstantL1?: number } | undefined;
  const lines = [
    `# ${recipe.name}`,
    "",
    recipe.description,
    "",
    "| | |",
    "| --- | --- |",
    ...(command === undefined ? [] : [`| command | \`${command}\` (all options in recipe.yaml) |`]),
    `| seed | ${training.seed} |`,
    `| train steps | ${progress.step} of ${training.steps}, ${progress.samplesPerStep} samples each${pretrain} |`,
    `| stage | ${training.stage}${training.init === null ? "" : `, from ${basename(training.init)}`} |`,
    `| dataset | ${statistics.dataset}, fingerprint ${progress.fingerprint.slice(0, 12)} |`,
    `| statistics | of ${statistics.num_trajectories} episodes, ${statistics.num_transitions} frames${training.data.statistics === "init" ? ", kept from there" : ""} |`,
    ...(workedS === undefined ? [] : [`| wall-clock time | ${Math.round(workedS)} s |`]),
    ...(typeof summary?.trainL1 === "number"
      ? [
          `| training L1 | ${summary.trainL1.toFixed(4)} (best constant prediction ${summary.bestConstantL1!.toFixed(4)}) |`,
        ]
      : []),
    `| weights | ${dtype}, ${(bytes / 1e6).toFixed(1)} MB |`,
    "",
    `Start from it with \`training.init: ${recipe.name}\` or \`pixelvla train RECIPE --from ${recipe.name}\`.`,
  ];
  if (evaluations.length > 0) lines.push("", "Closed loop on the tabletop, with 95 % Wilson intervals:", "");
  if (evaluations.length > 0)
    lines.push("| task | variant | mask | n | success | seeds |", "| --- | --- | --- | --- | --- | --- |");
  for (const { options, firstSeed, summary: rows } of evaluations)
    for (const { task, variant, nEpisodes, success } of rows)
      lines.push(
        `| ${task} | ${variant} | ${options.maskSource} | ${nEpisodes} | ${percent(success.share)} [${percent(success.low)}, ${percent(success.high)}] | ${firstSeed} to ${firstSeed + nEpisodes - 1} |`,
      );
  return `${lines.join("\n")}\n`;
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
