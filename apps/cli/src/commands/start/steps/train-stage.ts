import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJob } from "@pixelvla/jobs";
import { checkRecipe, loadRecipe, readRunConfig, refuseFailures, trainRun, type TrainEvent } from "@pixelvla/training";
import type { MainStep, StepContext } from "../step.ts";

const RECIPE = fileURLToPath(new URL("../../../../../../recipes/tabletop-pixelvla-openvla-tiny.yaml", import.meta.url));

/** Source: PixelVLA §4.2, stage 1: only the action decoder trains, without pixel parts. */
export const stage1Step: MainStep = {
  name: "stage-1",
  title: "stage 1, continuous action training",
  plannedS: ({ stage1Steps, batchSize }) => (stage1Steps * batchSize) / 400 + 10,
  artefact: ({ stage1 }) => stage1,
  run: (context) => {
    const { plan, paths } = context;
    return trainStage(context, paths.stage1, [
      "training.stage=stage1",
      `training.steps=${plan.stage1Steps}`,
      `training.init=${JSON.stringify(plan.base)}`,
    ]);
  },
};

/** Source: PixelVLA §4.2, stage 2: LoRA, pixel and prompt encoders and the decoder train, on the pipeline's masks. */
export const stage2Step: MainStep = {
  name: "stage-2",
  title: "stage 2, pixel-level enhancement",
  plannedS: ({ stage2Steps, batchSize }) => (stage2Steps * batchSize) / 220 + 10,
  artefact: ({ stage2 }) => stage2,
  run: (context) => {
    const { plan, paths } = context;
    return trainStage(context, paths.stage2, [
      "training.stage=stage2",
      // The mask is read sooner where the attention it should lead to is taught; see docs/performance/tabletop-learning.md.
      "training.auxiliary=[{name: grounding, weight: 0.5}, {name: waypoint, weight: 0.5}]",
      "training.data.promptDropout=0.1",
      "training.data.promptJitterPx=0.5",
      "training.optimizer.emaDecay=0.995",
      `training.steps=${plan.stage2Steps}`,
      `training.init=${JSON.stringify(paths.stage1)}`,
    ]);
  },
};

/** Options that both stages share: the stages' own trainable sets, the base's normalisation, the pipeline's masks. */
function shared({ plan, paths }: StepContext): string[] {
  return [
    "training.pretrain=null",
    "training.trainable=null",
    `training.batchSize=${plan.batchSize}`,
    "training.data.statistics=init",
    `training.data.annotations=${JSON.stringify(join(paths.annotation, "annotations"))}`,
    "training.schedule.warmupSteps=20",
  ];
}

async function trainStage(context: StepContext, dir: string, overrides: readonly string[]): Promise<string[]> {
  const { paths, signal, progress, line } = context;
  const { examine } = await import("../../doctor.ts");
  const found = await readJob(dir).catch(() => undefined);
  const resume = found !== undefined && found.status.state !== "queued";
  const loaded = resume
    ? checkRecipe(readRunConfig(dir).recipe)
    : loadRecipe(RECIPE, [...shared(context), ...overrides]);
  const doctor = resume ? undefined : await examine(loaded, paths.dataset, { overfit: false, signal });
  if (doctor !== undefined) {
    for (const { name, verdict, reason } of doctor.findings)
      if (verdict !== "pass") line(`doctor: ${verdict}: ${name}: ${reason}`);
    refuseFailures(doctor, false);
  }
  const outcome = await trainRun({
    dir,
    config: { version: 1, recipeFile: RECIPE, dataset: paths.dataset, recipe: { ...loaded.recipe } },
    resume,
    signal,
    onEvent: stepView(progress, line),
    ...(doctor === undefined ? {} : { doctor }),
  });
  if (outcome.state === "stopped") signal.throwIfAborted();
  const { trainL1, baselineL1, step } = outcome;
  const l1 =
    trainL1 === undefined ? "" : `, training L1 ${trainL1.toFixed(4)} (best constant ${baselineL1.toFixed(4)})`;
  return [`${step} train steps${l1}, in ${dir}`];
}

function stepView(progress: StepContext["progress"], line: StepContext["line"]): (event: TrainEvent) => void {
  return (event) => {
    if (event.type === "step") {
      const { step: done, steps: total, recentLoss, isL1, etaS } = event;
      const note = `${isL1 ? "L1" : "loss"} ${recentLoss.toFixed(4)}`;
      progress({ done, total, unit: "train steps", etaS, note });
    } else if (event.type === "message") line(event.text);
    else if (event.type === "resumed") line(`resumed at train step ${event.step}`);
  };
}
