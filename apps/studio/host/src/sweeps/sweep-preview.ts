import { PixelVlaError } from "@pixelvla/core";
import type { DoctorCheck, SweepPreview } from "@pixelvla/studio-contract";
import { changedSweep, loadSweep, planSweep, sweepCost, type SweepPlan } from "@pixelvla/sweeps";
import { failed } from "../runs/recipe-answers.ts";
import type { SweepQuestion } from "../runs/recipe-messages.ts";

/** Spells a sweep out as `pixelvla sweep run --dry-run` does, and says whether its recipes fit the dataset. */
export function sweepPreview({ file, dataset, overrides, actionWidth, ...changes }: SweepQuestion): SweepPreview {
  try {
    const loaded = changedSweep(loadSweep(file), { bases: [], ...changes });
    const plan = planSweep(loaded, { dataset, threads: 1, overrides });
    const { training, flops, nEvaluations, nEpisodes, columns } = sweepCost(loaded.sweep, plan);
    const nCells = plan.cells.length;
    const sweep: DoctorCheck = {
      check: "sweep",
      level: "pass",
      message: `${training.length} training runs and ${nEvaluations} evaluations compose; ${nCells} cells in the report.`,
    };
    return {
      checks: [sweep, ...actionChecks(plan, actionWidth)],
      plan: { nCells, training, flops, nEvaluations, nEpisodes, columns },
    };
  } catch (error) {
    if (!(error instanceof PixelVlaError)) throw error;
    return { checks: [failed("sweep", error)], plan: undefined };
  }
}

/** One failure for each width of actions that the dataset does not have. */
function actionChecks({ tasks }: SweepPlan, actionWidth: number | undefined): DoctorCheck[] {
  const widths = tasks.flatMap((task) =>
    task.kind === "train" ? [(task.config.recipe as { actionDim?: number }).actionDim ?? 7] : [],
  );
  return [...new Set(widths)]
    .filter((width) => actionWidth !== undefined && width !== actionWidth)
    .map((width) => ({
      check: "actions",
      level: "fail",
      message: `The sweep's recipes predict ${width} action dimensions, the dataset has ${actionWidth}.`,
    }));
}
