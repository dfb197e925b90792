import { resolve } from "node:path";
import { defineCommand, runCommand } from "citty";
import { EXIT } from "../terminal/exit-codes.ts";
import { interruptSignal } from "../terminal/interrupt.ts";
import { jsonArg, printResult } from "../terminal/output.ts";
import { createProgress, type Progress } from "../terminal/progress.ts";
import { repeatedOption } from "../terminal/repeated-option.ts";
import { wholeNumber } from "../terminal/whole-number.ts";
import type { MainOutcome } from "./start/main-job.ts";
import type { MainPlan } from "./start/plan.ts";

/** The main job: `npm start` runs this. */
export const startCommand = defineCommand({
  meta: {
    name: "start",
    description:
      "The main job: record, annotate, train both stages, evaluate against the base, report; or train a tiny policy on a dataset",
  },
  args: {
    dataset: { type: "positional", required: false, description: "Dataset folder to train on instead" },
    workspace: { type: "string", default: "workspace", description: "Folder for datasets/, runs/ and main/" },
    base: { type: "string", description: "Base checkpoint to start from: a shipped one, a run or a folder" },
    tasks: { type: "string", description: "Task families, separated by commas" },
    episodes: { type: "string", description: "Demonstrations of each family" },
    duplicates: { type: "string", description: "Further picks where two objects look alike" },
    stage1Steps: { type: "string", description: "Train steps of stage 1" },
    stage2Steps: { type: "string", description: "Train steps of stage 2" },
    evaluationEpisodes: { type: "string", description: "Picks evaluated of each variant and arm" },
    studio: { type: "boolean", description: "Open the studio at the end (default: on a terminal; --no-studio)" },
    set: { type: "string", description: "With a dataset: override a recipe key; may be given again" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    const workspace = resolve(args.workspace);
    const progress = createProgress({ json: args.json });
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    let outcome: MainOutcome;
    try {
      if (args.dataset !== undefined) {
        const { startOnDataset } = await import("./start/dataset-start.ts");
        const overrides = repeatedOption(rawArgs, "--set");
        await startOnDataset({
          workspace,
          dataset: resolve(args.dataset),
          overrides,
          json: args.json,
          signal,
          progress,
        });
        return;
      }
      outcome = await mainJob(workspace, args, progress, signal);
    } finally {
      progress.end();
    }
    const { closingText } = await import("./start/closing.ts");
    const wantsStudio = args.studio ?? (process.stdout.isTTY && !args.json);
    printResult(args.json, outcome, () => closingText(outcome));
    if (outcome.state === "stopped") process.exitCode = EXIT.interrupted;
    else if (!wantsStudio || !(await studioPage(progress)))
      process.stderr.write(`see it all with  npm run studio -- ${args.workspace}\n`);
    else {
      const { studioCommand } = await import("./studio.ts");
      await runCommand(studioCommand, { rawArgs: [workspace] });
    }
  },
});

async function studioPage(progress: Progress): Promise<boolean> {
  const { ensureStudioPage } = await import("./start/studio-page.ts");
  return ensureStudioPage(progress);
}

/** Arguments of the main job, as parsed by citty. */
interface MainArgs {
  readonly base?: string | undefined;
  readonly tasks?: string | undefined;
  readonly episodes?: string | undefined;
  readonly duplicates?: string | undefined;
  readonly stage1Steps?: string | undefined;
  readonly stage2Steps?: string | undefined;
  readonly evaluationEpisodes?: string | undefined;
}

async function mainJob(
  workspace: string,
  args: MainArgs,
  progress: Progress,
  signal: AbortSignal,
): Promise<MainOutcome> {
  const { finishedMainJob, runMainJob } = await import("./start/main-job.ts");
  const plan = await planFrom(args);
  const finished = await finishedMainJob(workspace, plan);
  if (finished !== undefined) return finished;
  progress.line(`workspace ${workspace}`);
  return runMainJob(workspace, plan, { signal, progress });
}

/** The default plan with what the command line says otherwise. @throws PVLA_ARGUMENTS */
async function planFrom(args: MainArgs): Promise<MainPlan> {
  const { DEFAULT_PLAN, mainPlanSchema, TASKS } = await import("./start/plan.ts");
  const { chosen } = await import("./bench/choices.ts");
  const number = (option: string, text: string | undefined, fallback: number) =>
    text === undefined ? fallback : wholeNumber(option, text);
  return mainPlanSchema.parse({
    ...DEFAULT_PLAN,
    ...(args.base === undefined ? {} : { base: args.base.includes("/") ? resolve(args.base) : args.base }),
    ...(args.tasks === undefined ? {} : { tasks: chosen("--tasks", args.tasks, TASKS) }),
    episodes: number("--episodes", args.episodes, DEFAULT_PLAN.episodes),
    duplicates: args.duplicates === "0" ? 0 : number("--duplicates", args.duplicates, DEFAULT_PLAN.duplicates),
    stage1Steps: number("--stage1-steps", args.stage1Steps, DEFAULT_PLAN.stage1Steps),
    stage2Steps: number("--stage2-steps", args.stage2Steps, DEFAULT_PLAN.stage2Steps),
    evaluationEpisodes: number("--evaluation-episodes", args.evaluationEpisodes, DEFAULT_PLAN.evaluationEpisodes),
  });
}
