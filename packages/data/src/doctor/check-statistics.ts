import type { ColumnStatistics } from "../statistics/dataset-statistics.ts";
import { percent, type CheckResult } from "./report.ts";
import type { Survey } from "./survey.ts";

/** Outside [q01, q99] lie 2 % by definition; much more means the statistics belong to other data. */
const USUAL_OUTSIDE = 0.02;
const WARN_OUTSIDE = 0.08;
const FAIL_OUTSIDE = 0.25;

/** Statistics a policy would normalise with, against the data; without any, whether the data can be normalised at all. */
export async function checkStatistics(
  { actions, dataset: { info } }: Survey,
  given: { readonly action: ColumnStatistics } | undefined,
): Promise<CheckResult> {
  const name = "statistics";
  const constant: string[] = [];
  const outside: { dimension: string; share: number }[] = [];
  if (given && given.action.mean.length !== actions.width)
    return {
      name,
      verdict: "fail",
      reason: `The statistics have ${given.action.mean.length} action dimensions, the data ${actions.width}. They belong to another dataset.`,
    };
  for (let d = 0; d < actions.width; d++) {
    const values = await actions.column(d);
    const dimension = info.actionNames[d] ?? String(d);
    if (values.length > 0 && values.every((value) => value === values[0])) constant.push(dimension);
    if (!given || given.action.mask[d] === false) continue;
    const [low, high] = [given.action.q01[d]!, given.action.q99[d]!];
    const nOutside = values.reduce((sum, value) => sum + (value < low - 1e-6 || value > high + 1e-6 ? 1 : 0), 0);
    outside.push({ dimension, share: nOutside / Math.max(1, values.length) });
  }
  const worst = outside.sort((a, b) => b.share - a.share)[0];
  if (worst && worst.share > WARN_OUTSIDE)
    return {
      name,
      verdict: worst.share > FAIL_OUTSIDE ? "fail" : "warn",
      reason: `${percent(worst.share, 1)} of "${worst.dimension}" lie outside the given q01 to q99, where ${percent(USUAL_OUTSIDE, 1)} should. Compute the statistics again: pixelvla data stats.`,
    };
  if (constant.length > 0)
    return {
      name,
      verdict: "warn",
      reason: `Action dimensions that never change: ${constant.join(", ")}; normalising sets them to 0.`,
    };
  return {
    name,
    verdict: "pass",
    reason: given
      ? "The given statistics fit the data."
      : "Every action dimension varies; no statistics were given to compare with.",
  };
}
