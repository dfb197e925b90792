import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FINAL_STATES, readJob } from "@pixelvla/jobs";
import { loadRecipe, predictFrame, readRunConfig, trainRun, type RunConfig } from "@pixelvla/training";
import { EXIT } from "../../terminal/exit-codes.ts";
import { printResult } from "../../terminal/output.ts";
import type { Progress } from "../../terminal/progress.ts";
import { predictionText } from "../predict-text.ts";
import { trainingSummary } from "../train-text.ts";
import { trainView } from "../train-view.ts";

const RECIPE = fileURLToPath(new URL("../../../../../recipes/openvla-tiny.yaml", import.meta.url));

/** What `pixelvla start DATASET` needs. */
export interface DatasetStart {
  readonly workspace: string;
  readonly dataset: string;
  readonly overrides: readonly string[];
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Trains a tiny policy on a dataset, once per workspace, and shows a prediction beside the demonstration. */
export async function startOnDataset(options: DatasetStart): Promise<void> {
  const { workspace, dataset, overrides, json, signal, progress } = options;
  const { dir, config, state } = await runFor(workspace, dataset, overrides);
  progress.line(`run ${dir}`);
  let summary = "trained before; remove the run to train again";
  if (state !== "done") {
    const resume = state !== "new";
    const outcome = await trainRun({ dir, config, resume, signal, onEvent: trainView(progress) });
    progress.end();
    summary = trainingSummary(outcome);
    if (outcome.state === "stopped") {
      process.exitCode = EXIT.interrupted;
      printResult(json, outcome, () => summary);
      return;
    }
  }
  const prediction = await predictFrame({ run: dir, dataset, episodeIndex: 0, frameIndex: 0 });
  printResult(json, { run: dir, prediction }, () => `${summary}\n\n${predictionText(prediction)}`);
}

/** The run of this dataset in the workspace: a new one, or the one to go on with, or one that is done. */
async function runFor(
  workspace: string,
  dataset: string,
  overrides: readonly string[],
): Promise<{ dir: string; config: RunConfig; state: "new" | "resumable" | "done" }> {
  const dir = join(workspace, "runs", `openvla-tiny-${basename(dataset)}`);
  const found = await readJob(dir).catch(() => undefined);
  const before = found === undefined ? undefined : readRunConfig(dir);
  if (found !== undefined && before?.dataset === dataset && overrides.length === 0 && FINAL_STATES.has(found.observed))
    return { dir, config: before, state: found.observed === "done" ? "done" : "resumable" };
  const { recipe } = loadRecipe(RECIPE, overrides);
  return { dir, config: { version: 1, recipeFile: RECIPE, dataset, recipe: { ...recipe } }, state: "new" };
}
