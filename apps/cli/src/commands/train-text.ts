import { existsSync } from "node:fs";
import { join } from "node:path";
import type { TrainOutcome } from "@pixelvla/training";
import { formatDuration } from "../terminal/output.ts";

/** How a training run ended, in a few lines. */
export function trainingSummary({ dir, state, step, workedS, trainL1, baselineL1 }: TrainOutcome): string {
  const lines = [`${state} at train step ${step} after ${formatDuration(workedS)}`];
  if (trainL1 !== undefined) {
    const share = ((100 * trainL1) / baselineL1).toFixed(0);
    lines.push(
      `training L1 ${trainL1.toFixed(4)}: ${share} % of the best constant prediction's ${baselineL1.toFixed(4)}`,
    );
  }
  lines.push(
    state === "stopped"
      ? `go on with  pixelvla train --resume --run ${dir}`
      : `look at it with  pixelvla predict ${dir} --episode 0 --frame 0`,
  );
  if (existsSync(join(dir, "results", "summary.json"))) lines.push(`results in ${join(dir, "results")}`);
  return lines.join("\n");
}
