import { notes, percent, points } from "./numbers.ts";
import type { ReportCell, SweepReport } from "./sweep-report.ts";

/** The report as a LaTeX table (packages booktabs and xcolor), success with its interval as sub- and superscript, difference below. */
export function latexReport(report: SweepReport): string {
  const { columns, rows } = report;
  const several = new Set(rows.map(({ evaluation }) => evaluation)).size > 1;
  const label = ({ family, arm, evaluation }: SweepReport["rows"][number]) =>
    escaped(several ? `${family} ${arm}, ${evaluation}` : `${family} ${arm}`);
  const body = rows.map((row) => `${[label(row), ...row.cells.map(cell)].join(" & ")} \\\\`);
  return [
    "% needs \\usepackage{booktabs,xcolor}",
    "\\begin{table}",
    "  \\centering",
    `  \\begin{tabular}{l${"c".repeat(columns.length)}}`,
    "    \\toprule",
    `    ${["", ...columns.map(escaped)].join(" & ")} \\\\`,
    "    \\midrule",
    ...body.map((line) => `    ${line}`),
    "    \\bottomrule",
    "  \\end{tabular}",
    `  \\caption{${escaped(report.title)}. ${notes(report).map(escaped).join(" ")}}`,
    `  \\label{tab:${report.name}}`,
    "\\end{table}",
    "",
  ].join("\n");
}

function cell({ success: { share, low, high }, n, difference, paper }: ReportCell): string {
  const grey = paper === undefined ? "" : ` \\textcolor{gray}{(${paper.toFixed(1)})}`;
  if (n === 0) return `--${grey}`;
  const compared = difference === undefined ? "" : ` \\,{\\scriptsize $(${points(difference.difference)})$}`;
  return `$${percent(share)}_{${percent(low)}}^{${percent(high)}}$${compared}${grey}`;
}

const escaped = (text: string): string =>
  text
    .replaceAll("\\", "\\textbackslash{}")
    .replace(/[&%$#_{}]/g, (character) => `\\${character}`)
    .replaceAll("–", "--");
