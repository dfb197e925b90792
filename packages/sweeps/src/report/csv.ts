import type { SweepReport } from "./sweep-report.ts";

const HEAD = [
  "family",
  "arm",
  "evaluation",
  "column",
  "n",
  "successes",
  "success",
  "success_low",
  "success_high",
  "faults",
  "difference",
  "difference_low",
  "difference_high",
  "p_value",
  "pairs",
  "gained",
  "lost",
  "paper",
];

/** The report as CSV, one line a cell; shares in [0, 1], the paper's numbers too. */
export function csvReport({ rows, columns }: SweepReport): string {
  const lines = rows.flatMap(({ family, arm, evaluation, cells }) =>
    cells.map(({ success, n, nSuccesses, nFaults, difference: d, paper }, c) => {
      const shares = n === 0 ? ["", "", ""] : [success.share, success.low, success.high].map(number);
      const compared =
        d === undefined
          ? ["", "", "", "", "", "", ""]
          : [...[d.difference, d.low, d.high].map(number), d.pValue.toPrecision(4), d.nPairs, d.nGained, d.nLost];
      const fields = [family, arm, evaluation, columns[c]!, n, nSuccesses, ...shares, nFaults, ...compared];
      return [...fields, paper === undefined ? "" : number(paper / 100)].map(field).join(",");
    }),
  );
  return [HEAD.join(","), ...lines, ""].join("\n");
}

const number = (value: number) => value.toFixed(4);
const field = (value: string | number) => {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
