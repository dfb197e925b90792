import { basename, resolve } from "node:path";
import { createJobDir, findLatestCheckpoint, readStatus } from "@pixelvla/jobs";
import {
  checkRecipe,
  doctorText,
  loadRecipe,
  readRunConfig,
  refuseFailures,
  trainRun,
  type RunConfig,
} from "@pixelvla/training";
import { defineCommand } from "citty";
import { EXIT } from "../terminal/exit-codes.ts";
import { interruptSignal } from "../terminal/interrupt.ts";
import { jsonArg, printResult } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import { repeatedOption } from "../terminal/repeated-option.ts";
import { examine } from "./doctor.ts";
import { initOverride } from "./init-override.ts";
import { nothingToResume, wrongArguments } from "./train-errors.ts";
import { trainingSummary } from "./train-text.ts";
import { trainView } from "./train-view.ts";

const USAGE = "pixelvla train RECIPE --dataset DIR [--set key=value], or pixelvla train --resume --run DIR";

export const trainCommand = defineCommand({
  meta: { name: "train", description: "Train a recipe on a dataset; every run is a folder that can be resumed" },
  args: {
    recipe: { type: "positional", required: false, description: "Recipe file (not needed with --resume)" },
    dataset: { type: "string", description: "Dataset folder" },
    from: { type: "string", description: "Start from this run, checkpoint folder or shipped base (training.init)" },
    set: { type: "string", description: "Override a recipe key, e.g. training.steps=400; may be given again" },
    runs: { type: "string", default: "runs", description: "Folder new runs are made in" },
    run: { type: "string", description: "Run directory: where a new run goes, or which one to resume" },
    doctor: { type: "boolean", default: true, description: "Examine data and recipe first; --no-doctor leaves it out" },
    overfit: { type: "boolean", default: false, description: "Let the doctor also train on one batch" },
    launchOverFail: { type: "boolean", default: false, description: "Train although the doctor fails the run" },
    launcher: { type: "string", description: "Have it done elsewhere: local (a queue), slurm or kubernetes" },
    launcherOptions: { type: "string", default: "{}", description: 'JSON, e.g. {"partition": "gpu", "gpus": 1}' },
    resume: { type: "boolean", default: false, description: "Go on from the run's last checkpoint" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    const overrides = repeatedOption(rawArgs, "--set");
    if (args.launcher !== undefined && !args.resume) return launched(args, overrides);
    const { dir, config } = args.resume
      ? await resumed(args.run ?? args.recipe, overrides, args.dataset)
      : fresh(args, [...overrides, ...initOverride(args.from)]);
    const progress = createProgress({ json: args.json });
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    try {
      progress.line(`run ${dir}`);
      const { resume, overfit } = args;
      const wantsDoctor = args.doctor && !resume;
      const doctor = wantsDoctor
        ? await examine(checkRecipe(config.recipe), config.dataset, { overfit, signal })
        : undefined;
      if (doctor !== undefined) progress.line(doctorText(doctor));
      if (doctor !== undefined) refuseFailures(doctor, args.launchOverFail);
      const outcome = await trainRun({
        dir,
        config,
        resume,
        signal,
        onEvent: trainView(progress),
        ...(doctor === undefined ? {} : { doctor }),
      });
      progress.end();
      printResult(args.json, outcome, () => trainingSummary(outcome));
      if (signal.aborted) process.exitCode = EXIT.interrupted;
    } finally {
      progress.end();
    }
  },
});

interface LaunchArgs extends NewRunArgs {
  readonly launcher?: string | undefined;
  readonly launcherOptions: string;
  readonly from?: string | undefined;
  readonly overfit: boolean;
  readonly doctor: boolean;
  readonly launchOverFail: boolean;
  readonly json: boolean;
}

/** Examines the run here and hands it to a launcher. */
async function launched(args: LaunchArgs, overrides: readonly string[]): Promise<void> {
  const { recipe, dataset, overfit } = args;
  if (recipe === undefined || dataset === undefined) throw wrongArguments(USAGE);
  const all = [...overrides, ...initOverride(args.from)];
  const file = resolve(recipe);
  const loaded = loadRecipe(file, all);
  if (args.doctor) {
    using interrupts = interruptSignal();
    const report = await examine(loaded, resolve(dataset), { overfit, signal: interrupts.signal });
    process.stderr.write(`${doctorText(report)}\n`);
    refuseFailures(report, args.launchOverFail);
  }
  const { launchTrain } = await import("./launch-train.ts");
  const job = await launchTrain({
    launcher: args.launcher!,
    launcherOptions: args.launcherOptions,
    recipeFile: file,
    recipeName: loaded.recipe.name,
    dataset: resolve(dataset),
    overrides: all,
    runsDir: resolve(args.runs),
  });
  printResult(args.json, job, () => `${job.dir}\n${job.note}`);
}

interface NewRunArgs {
  readonly recipe?: string | undefined;
  readonly dataset?: string | undefined;
  readonly runs: string;
  readonly run?: string | undefined;
}

function fresh(args: NewRunArgs, overrides: readonly string[]): { dir: string; config: RunConfig } {
  if (args.recipe === undefined || args.dataset === undefined) throw wrongArguments(USAGE);
  const file = resolve(args.recipe);
  const { recipe } = loadRecipe(file, overrides);
  const config: RunConfig = { version: 1, recipeFile: file, dataset: resolve(args.dataset), recipe: { ...recipe } };
  const dir = args.run === undefined ? createJobDir(resolve(args.runs), recipe.name) : resolve(args.run);
  return { dir, config };
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
