import type { ReportCell, SweepReport } from "./sweep-report.ts";

/** A share in percent, one decimal place; a dash where nothing was measured. */
export const percent = (share: number): string => (Number.isNaN(share) ? "–" : (100 * share).toFixed(1));

/** Percentage points with their sign. */
export const points = (share: number): string => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;

/** `62.0 [57.1, 66.7]`. */
export const successText = ({ success: { share, low, high }, n }: ReportCell): string =>
  n === 0 ? "–" : `${percent(share)} [${percent(low)}, ${percent(high)}]`;

/** `+10.2 [+4.1, +16.0], p = 0.002`; empty where nothing is compared. */
export function differenceText({ difference }: ReportCell): string {
  if (difference === undefined) return "";
  const { difference: value, low, high, pValue } = difference;
  return `${points(value)} [${points(low)}, ${points(high)}], ${pText(pValue)}`;
}

/** `p = 0.012`, `p < 0.001`. */
export const pText = (p: number): string => (p < 0.001 ? "p < 0.001" : `p = ${p.toFixed(3)}`);

/** How the numbers were made, in sentences; the same in every format. */
export function notes(report: SweepReport): string[] {
  const { evaluation, seeds, reference, hasPaper, unfinished } = report;
  const faults = report.rows.flatMap(({ cells }) => cells).reduce((sum, { nFaults }) => sum + nFaults, 0);
  return [
    `Success in percent with 95 % Wilson intervals over n episodes, all training seeds (${seeds.join(", ")}) pooled. ` +
      `Embodiment ${evaluation.embodiment}; tasks ${evaluation.tasks.join(", ")}; layouts from seed ${evaluation.firstSeed}, the same for every row.`,
    `Differences in percentage points against the ${reference}, over pairs of episodes on the same layout; 95 % interval by a bootstrap over ` +
      "layouts and training seeds, p of the exact McNemar test over all pairs. The test counts pairs of several training seeds as independent, the interval does not.",
    ...(hasPaper
      ? [
          "Grey: the paper's own numbers, for another robot, simulator and policies thousands of times larger; only the order of the rows can be compared.",
        ]
      : []),
    ...(faults > 0 ? [`${faults} episodes (counted once per column) ended by a fault and count as no success.`] : []),
    ...(unfinished.length > 0
      ? [
          `Preliminary: ${unfinished.length} pieces of work are not done: ${unfinished.slice(0, 6).join("; ")}${unfinished.length > 6 ? "; …" : ""}.`,
        ]
      : []),
  ];
}
