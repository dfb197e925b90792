import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { createJobDir, findLatestCheckpoint, readStatus } from "@pixelvla/jobs";
import { checkRecipe, loadRecipe, readRunConfig, trainRun, type RunConfig } from "@pixelvla/training";
import { defineCommand } from "citty";
import { EXIT } from "../terminal/exit-codes.ts";
import { interruptSignal } from "../terminal/interrupt.ts";
import { jsonArg, printResult } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import { repeatedOption } from "../terminal/repeated-option.ts";
import { nothingToResume, wrongArguments } from "./train-errors.ts";
import { trainingSummary } from "./train-text.ts";
import { trainView } from "./train-view.ts";

export const trainCommand = defineCommand({
  meta: { name: "train", description: "Train a recipe on a dataset; every run is a folder that can be resumed" },
  args: {
    recipe: { type: "positional", required: false, description: "Recipe file (not needed with --resume)" },
    dataset: { type: "string", description: "Dataset folder" },
    from: { type: "string", description: "Start from this run, checkpoint folder or shipped base (training.init)" },
    set: { type: "string", description: "Override a recipe key, e.g. training.steps=400; may be given again" },
    runs: { type: "string", default: "runs", description: "Folder new runs are made in" },
    run: { type: "string", description: "Run directory: where a new run goes, or which one to resume" },
    resume: { type: "boolean", default: false, description: "Go on from the run's last checkpoint" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    const overrides = repeatedOption(rawArgs, "--set");
    const { dir, config } = args.resume
      ? await resumed(args.run ?? args.recipe, overrides, args.dataset)
      : fresh(args, [...overrides, ...initOverride(args.from)]);
    const progress = createProgress({ json: args.json });
    const { signal, dispose } = interruptSignal();
    try {
      progress.line(`run ${dir}`);
      const resume = args.resume;
      const outcome = await trainRun({ dir, config, resume, signal, onEvent: trainView(progress) });
      progress.end();
      printResult(args.json, outcome, () => trainingSummary(outcome));
      if (signal.aborted) process.exitCode = EXIT.interrupted;
    } finally {
      progress.end();
      dispose();
    }
  },
});

interface NewRunArgs {
  readonly recipe: string | undefined;
  readonly dataset: string | undefined;
  readonly runs: string;
  readonly run: string | undefined;
}

function fresh(args: NewRunArgs, overrides: readonly string[]): { dir: string; config: RunConfig } {
  if (args.recipe === undefined || args.dataset === undefined)
    throw wrongArguments("pixelvla train RECIPE --dataset DIR [--set key=value], or pixelvla train --resume --run DIR");
  const file = resolve(args.recipe);
  const { recipe } = loadRecipe(file, overrides);
  const config: RunConfig = { version: 1, recipeFile: file, dataset: resolve(args.dataset), recipe: { ...recipe } };
  const dir = args.run === undefined ? createJobDir(resolve(args.runs), recipe.name) : resolve(args.run);
  return { dir, config };
}

/** `--from`: a folder keeps its meaning wherever the run is looked at; anything else is the name of a shipped base. */
function initOverride(from: string | undefined): string[] {
  if (from === undefined) return [];
  return [`training.init=${JSON.stringify(existsSync(from) ? resolve(from) : from)}`];
}

/** The run to go on with: `run`, with its own config; overrides change it (say, more steps). */
async function resumed(
  run: string | undefined,
  overrides: readonly string[],
  dataset: string | undefined,
): Promise<{ dir: string; config: RunConfig }> {
  if (run === undefined) throw wrongArguments("pixelvla train --resume --run DIR");
  const dir = resolve(run);
  const { state } = await readStatus(dir);
  if (state === "done" && overrides.length === 0)
    throw nothingToResume(basename(dir), findLatestCheckpoint(dir)?.step, dir);
  const before = readRunConfig(dir);
  const { recipe } = checkRecipe(before.recipe, undefined, overrides);
  return {
    dir,
    config: { ...before, recipe: { ...recipe }, dataset: dataset === undefined ? before.dataset : resolve(dataset) },
  };
}
