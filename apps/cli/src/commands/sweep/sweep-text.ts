import type { SweepCost, SweepPlan, SweepReport } from "@pixelvla/sweeps";
import { formatTable } from "../../terminal/output.ts";

/** What a sweep would do and what it could show. */
export function costText(
  { training, flops, nEvaluations, nEpisodes, columns }: SweepCost,
  { cells }: SweepPlan,
): string {
  const runs = training.map(({ id, steps, samples, flops: own, trainableParameters }) => [
    id,
    steps,
    samples,
    (own / 1e12).toFixed(2),
    (trainableParameters / 1e6).toFixed(3),
  ]);
  const shown = columns.map(({ name, n, detectable }) => [
    name,
    n,
    detectable >= 1 ? "none" : (100 * detectable).toFixed(0),
  ]);
  return [
    formatTable([["training run", "train steps", "samples", "TFLOP", "M parameters train"], ...runs]),
    "",
    `${training.length} training runs, ${(flops / 1e12).toFixed(1)} TFLOP without what the prefix cache saves; ` +
      `${nEvaluations} evaluations of ${nEpisodes} episodes in all; ${cells.length} cells in the report`,
    "",
    formatTable([["column", "episodes an arm", "shows differences from, points"], ...shown]),
    "(80 % power at the 5 % level around 50 % success, unpaired and all episodes independent; pairs show less, few training seeds more)",
  ].join("\n");
}

/** The report's success rates as a table for a terminal, and where the files lie. */
export function reportText({ columns, rows, unfinished }: SweepReport, files: readonly string[]): string {
  const percent = (share: number) => (100 * share).toFixed(1);
  const body = rows.map(({ family, arm, evaluation, cells }) => [
    family,
    arm,
    evaluation,
    ...cells.map(({ success, n, difference }) => {
      if (n === 0) return "-";
      const compared = difference === undefined ? "" : ` (${percent(difference.difference)})`;
      return `${percent(success.share)} [${percent(success.low)}, ${percent(success.high)}] n=${n}${compared}`;
    }),
  ]);
  return [
    formatTable([["family", "arm", "evaluation", ...columns], ...body]),
    ...(unfinished.length > 0 ? [`preliminary: ${unfinished.length} pieces of work are not done`] : []),
    ...files,
  ].join("\n");
}
