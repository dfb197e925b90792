import { finding, type Examination } from "./examination.ts";
import type { DoctorFinding } from "./report.ts";

const GRIPPER = 6;

/** Gripper targets of the recipe against those the init was trained with: `signed` and `unit` differ by a factor and an offset. */
export function checkGripperTarget({ recipe: { recipe, training }, init }: Examination): DoctorFinding | undefined {
  if (recipe.actionDim !== 7) return undefined;
  const own = training.data.gripper;
  if (init === undefined) return finding("gripper target", "pass", `The policy learns the gripper as ${meaning(own)}.`);
  const was = init.statistics.action.mask[GRIPPER] === true ? "signed" : "unit";
  if (was === own || training.data.statistics === "init")
    return finding("gripper target", "pass", `The policy learns the gripper as ${meaning(was)}, as its start did.`);
  return finding(
    "gripper target",
    "fail",
    `The start was trained with the gripper as ${meaning(was)}, the recipe trains it as ${meaning(own)}.`,
    `Set training.data.gripper to ${was}`,
  );
}

const meaning = (gripper: "unit" | "signed") =>
  gripper === "unit" ? "0 (closed) to 1 (open)" : "-1 (closed) to 1 (open)";

/** How far action scales may differ from the init's before its outputs mean other movements. */
const WARN_RATIO = 1.5;
const FAIL_RATIO = 5;

/** Scale of each action dimension (q99 - q01) against that of the init: a policy that goes on from it would move that much too far. */
export function checkActionScale({ dataset, init, statistics, recipe }: Examination): DoctorFinding | undefined {
  if (init === undefined) return undefined;
  const from = init.statistics.action;
  if (from.q01.length !== recipe.recipe.actionDim)
    return finding(
      "action scale",
      "warn",
      `The start was trained on ${from.q01.length} action dimensions, this run on ${recipe.recipe.actionDim}: its output layer starts anew.`,
    );
  if (recipe.training.data.statistics === "init")
    return finding("action scale", "pass", "Actions keep the start's own normalisation.");
  const ratios = from.q01.flatMap((low, d) => {
    if (d === GRIPPER) return [];
    const [before, now] = [from.q99[d]! - low, statistics.action.q99[d]! - statistics.action.q01[d]!];
    if (before < 1e-9 || now < 1e-9) return [];
    return [{ name: dataset.info.actionNames[d] ?? String(d), ratio: Math.max(before / now, now / before) }];
  });
  const worst = ratios.sort((a, b) => b.ratio - a.ratio)[0];
  if (worst === undefined || worst.ratio < WARN_RATIO)
    return finding("action scale", "pass", "Actions have the scale that the start was trained on.");
  return finding(
    "action scale",
    worst.ratio > FAIL_RATIO ? "fail" : "warn",
    `"${worst.name}" has ${worst.ratio.toFixed(1)} times another range than the start was trained on.`,
    "Check units and deltas of the dataset, or keep the start's normalisation with training.data.statistics=init",
  );
}
