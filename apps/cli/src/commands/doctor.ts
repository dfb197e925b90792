import { resolve } from "node:path";
import {
  doctorText,
  examineRun,
  loadRecipe,
  type DoctorReport,
  type ExamineOptions,
  type TrainingRecipe,
} from "@pixelvla/training";
import { defineCommand } from "citty";
import { EXIT } from "../terminal/exit-codes.ts";
import { interruptSignal } from "../terminal/interrupt.ts";
import { jsonArg, printResult } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import { repeatedOption } from "../terminal/repeated-option.ts";
import { initOverride } from "./init-override.ts";
import { replayCheck } from "./replay-check.ts";
import { servingCheck } from "./serving-check.ts";

export const doctorCommand = defineCommand({
  meta: {
    name: "doctor",
    description: "Find what silently ruins a training run before it starts; exit status 1 on a fail",
  },
  args: {
    recipe: { type: "positional", required: true, description: "Recipe file" },
    dataset: { type: "string", required: true, description: "Dataset folder" },
    from: { type: "string", description: "Start from this run, checkpoint folder or shipped base (training.init)" },
    set: { type: "string", description: "Override a recipe key, e.g. training.steps=400; may be given again" },
    overfit: { type: "boolean", default: false, description: "Also train on one batch, some 20 seconds" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    const overrides = [...repeatedOption(rawArgs, "--set"), ...initOverride(args.from)];
    const progress = createProgress({ json: args.json });
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const recipe = loadRecipe(resolve(args.recipe), overrides);
    const onStep = (what: string) => progress.line(what);
    const report = await examine(recipe, resolve(args.dataset), { overfit: args.overfit, signal, onStep });
    progress.end();
    printResult(args.json, report, () => doctorText(report));
    if (report.verdict === "fail") process.exitCode = EXIT.failed;
  },
});

/** The doctor with every check that this software has, the simulator's and the server's included. */
export const examine = (
  recipe: TrainingRecipe,
  dataset: string,
  options: Pick<ExamineOptions, "overfit" | "signal" | "onStep">,
): Promise<DoctorReport> => examineRun({ recipe, dataset, more: [replayCheck, servingCheck], ...options });
