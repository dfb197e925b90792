import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FINAL_STATES, readJob } from "@pixelvla/jobs";
import { loadRecipe, predictFrame, readRunConfig, trainRun, type RunConfig } from "@pixelvla/training";
import { defineCommand } from "citty";
import { EXIT } from "../terminal/exit-codes.ts";
import { interruptSignal } from "../terminal/interrupt.ts";
import { jsonArg, printResult } from "../terminal/output.ts";
import { createProgress, type Progress } from "../terminal/progress.ts";
import { repeatedOption } from "../terminal/repeated-option.ts";
import { predictionText } from "./predict-text.ts";
import { trainingSummary } from "./train-text.ts";
import { trainView } from "./train-view.ts";

/** Demonstrations recorded when no dataset is given. */
const DEMONSTRATIONS = 60;
const RECIPE = fileURLToPath(new URL("../../../../recipes/openvla-tiny.yaml", import.meta.url));

/** The main job: `npm start` runs this. */
export const startCommand = defineCommand({
  meta: {
    name: "start",
    description:
      "The main job: train a tiny policy on a dataset (or on freshly recorded demonstrations) and show a prediction",
  },
  args: {
    dataset: { type: "positional", required: false, description: "Dataset folder; none: tabletop demonstrations" },
    workspace: { type: "string", default: "workspace", description: "Folder for runs/ and datasets/" },
    set: { type: "string", description: "Override a recipe key, e.g. training.steps=400; may be given again" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    const workspace = resolve(args.workspace);
    const progress = createProgress({ json: args.json });
    const { signal, dispose } = interruptSignal();
    try {
      const dataset =
        args.dataset === undefined ? await demonstrations(workspace, progress, signal) : resolve(args.dataset);
      const overrides = repeatedOption(rawArgs, "--set");
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
          printResult(args.json, outcome, () => summary);
          return;
        }
      }
      const prediction = await predictFrame({ run: dir, dataset, episodeIndex: 0, frameIndex: 0 });
      printResult(args.json, { run: dir, prediction }, () => `${summary}\n\n${predictionText(prediction)}`);
    } finally {
      progress.end();
      dispose();
    }
  },
});

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

/** Records demonstrations of the scripted expert, once per workspace. */
async function demonstrations(workspace: string, progress: Progress, signal: AbortSignal): Promise<string> {
  const { recordDemonstrations, pixelDatasetSink, DEFAULT_NOISE } = await import("@pixelvla/bench/recording");
  const root = join(workspace, "datasets", "tabletop");
  progress.line(`no dataset given: recording ${DEMONSTRATIONS} tabletop demonstrations in ${root}`);
  await recordDemonstrations(
    {
      embodiment: "widowx",
      tasks: ["pick"],
      variants: ["base"],
      nEpisodes: DEMONSTRATIONS,
      imageSizePx: 64,
      noise: DEFAULT_NOISE,
      threads: 2,
      signal,
      onPlayed: (_, done, total) => progress.update({ done, total, unit: "episodes" }),
    },
    await pixelDatasetSink(root, "widowx", 64, "stored"),
  );
  progress.end();
  return root;
}
