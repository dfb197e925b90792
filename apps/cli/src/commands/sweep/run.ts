import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { pixelVlaError } from "@pixelvla/core";
import { changedSweep, loadSweep, planSweep, sweepCost } from "@pixelvla/sweeps";
import { defineCommand } from "citty";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { repeatedOption } from "../../terminal/repeated-option.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { playSweep } from "./play-sweep.ts";
import { costText } from "./sweep-text.ts";

export const sweepRunCommand = defineCommand({
  meta: {
    name: "run",
    description: "Train every arm of a sweep with every seed, evaluate all on the same episodes, and report",
  },
  args: {
    file: { type: "positional", required: true, description: "Sweep file, e.g. recipes/sweeps/table3.yaml" },
    dataset: { type: "string", description: "Dataset that every stage trains on" },
    out: {
      type: "string",
      description: "Job directory of the sweep (default: runs/NAME); an existing one is gone on with",
    },
    base: {
      type: "string",
      description: "FAMILY=FOLDER or shipped base: what its arms start from; may be given again",
    },
    families: { type: "string", description: "Only these families, separated by commas" },
    seeds: { type: "string", description: "Training seeds, separated by commas, instead of the file's" },
    episodes: { type: "string", description: "Layouts of a task and variant, instead of the file's" },
    set: {
      type: "string",
      description: "Override a recipe key of every stage, e.g. training.steps=50; may be given again",
    },
    workers: { type: "string", description: "Cells at work at the same time (default: one per core)" },
    threads: { type: "string", default: "1", description: "Threads of one training run" },
    dryRun: {
      type: "boolean",
      default: false,
      description: "Show cells, cost and what the episodes can show; run nothing",
    },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    const loaded = changedSweep(loadSweep(args.file), {
      bases: repeatedOption(rawArgs, "--base"),
      families: args.families?.split(",").map((name) => name.trim()),
      seeds: args.seeds?.split(",").map((seed) => wholeNumber("--seeds", seed.trim())),
      episodes: args.episodes === undefined ? undefined : wholeNumber("--episodes", args.episodes),
    });
    if (args.dataset === undefined)
      throw pixelVlaError("PVLA_ARGUMENTS", {
        doing: "Reading the command line",
        found: "no --dataset",
        needed: "pixelvla sweep run FILE --dataset DIR [--dry-run]",
      });
    const plan = planSweep(loaded, {
      dataset: args.dataset,
      threads: wholeNumber("--threads", args.threads),
      overrides: repeatedOption(rawArgs, "--set"),
    });
    const cost = sweepCost(loaded.sweep, plan);
    if (args.dryRun) {
      printResult(args.json, { cost, cells: plan.cells, tasks: plan.tasks }, () => costText(cost, plan));
      return;
    }
    const dir = args.out === undefined ? join(resolve("runs"), loaded.sweep.name) : resolve(args.out);
    const workers = args.workers === undefined ? availableParallelism() : wholeNumber("--workers", args.workers);
    await playSweep({
      dir,
      loaded,
      plan,
      workers,
      json: args.json,
      opening: [
        `sweep ${dir}`,
        `${cost.training.length} training runs, ${cost.nEvaluations} evaluations of ${cost.nEpisodes} episodes`,
      ],
    });
  },
});
