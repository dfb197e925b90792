import { text } from "./html-text.ts";
import { differenceText, notes, percent } from "./numbers.ts";
import { curvePlots } from "./learning-curves.ts";
import { columnPlot } from "./plot.ts";
import type { ReportCell, ReportRow, SweepReport } from "./sweep-report.ts";

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --muted: #6a737d; --line: #d8dee4; --paper: #fff; --best: #eaf4fb; }
@media (prefers-color-scheme: dark) { :root { --ink: #dfe3e8; --muted: #8b949e; --line: #30363d; --paper: #14171a; --best: #16303f; } }
body { font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; max-width: 78rem; padding: 0 1.5rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; white-space: nowrap; }
th { font-weight: 600; } td small { color: var(--muted); display: block; }
tr.family td { border-top: 2px solid var(--muted); }
.paper-number { color: var(--muted); } .sure { background: var(--best); }
svg { max-width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg .tick { fill: var(--muted); } svg .grid { stroke: var(--line); } svg .paper { fill: #9aa0a6; }
div.curves { display: flex; flex-wrap: wrap; gap: .8rem 1.2rem; }
ul { color: var(--muted); max-width: 70rem; }
`;

/** The report as one HTML file that needs nothing else: table of all columns, a plot of each, how it was made. */
export function htmlReport(report: SweepReport): string {
  const { title, description, columns, rows, curves } = report;
  const head = ["", ...columns].map((column) => `<th>${text(column)}</th>`).join("");
  const body = rows.map((row, i) => tableRow(row, rows[i - 1], report)).join("\n");
  const plots = columns.map((column, c) => `<h2>${text(column)}</h2>\n${columnPlot(report, c)}`).join("\n");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${text(title)}</title>
<style>${STYLE}</style>
<h1>${text(title)}</h1>
<p>${text(description)}</p>
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody>
</table>
${plots}
${curves.length === 0 ? "" : `<h2>Training loss (L1 where there is one), all on one scale</h2>\n${curvePlots(curves)}`}
<h2>How these numbers were made</h2>
<ul>
${notes(report)
  .map((note) => `<li>${text(note)}</li>`)
  .join("\n")}
</ul>
</html>
`;
}

function tableRow(row: ReportRow, before: ReportRow | undefined, { rows }: SweepReport): string {
  const several = new Set(rows.map(({ evaluation }) => evaluation)).size > 1;
  const name = several ? `${text(row.arm)}<small>${text(row.evaluation)}</small>` : text(row.arm);
  const isFirst = before?.family !== row.family;
  return `<tr${isFirst ? ' class="family"' : ""}><td>${name}<small>${text(row.family)}</small></td>${row.cells.map(tableCell).join("")}</tr>`;
}

function tableCell(cell: ReportCell): string {
  const { success, n, perSeed, difference, paper } = cell;
  const grey = paper === undefined ? "" : ` <span class="paper-number" title="the paper">${paper.toFixed(1)}</span>`;
  if (n === 0) return `<td>–${grey}</td>`;
  const isSure = difference !== undefined && (difference.low > 0 || difference.high < 0);
  const seeds =
    perSeed.length < 2 ? "" : `<small>seeds ${perSeed.map(({ share }) => percent(share)).join(", ")}</small>`;
  const compared = difference === undefined ? "" : `<small>${text(differenceText(cell))}</small>`;
  return (
    `<td${isSure ? ' class="sure"' : ""}><strong>${percent(success.share)}</strong>${grey}` +
    `<small>[${percent(success.low)}, ${percent(success.high)}], n = ${n}</small>${compared}${seeds}</td>`
  );
}
