import { differenceText, notes, percent, successText } from "./numbers.ts";
import type { SweepReport } from "./sweep-report.ts";

/** The report as a Markdown document, one table a column group: success, n, difference, the paper's number. */
export function markdownReport(report: SweepReport): string {
  const sections = report.columns.map((column, c) => {
    const hasPaper = report.rows.some(({ cells }) => cells[c]!.paper !== undefined);
    const head = [
      "family",
      "arm",
      "evaluation",
      "success [95 %]",
      "n",
      "per seed",
      "difference [95 %]",
      ...(hasPaper ? ["paper"] : []),
    ];
    const rows = report.rows.map(({ family, arm, evaluation, cells }) => {
      const cell = cells[c]!;
      const seeds = cell.perSeed.length < 2 ? "" : cell.perSeed.map(({ share }) => percent(share)).join(", ");
      const paper = cell.paper === undefined ? "" : cell.paper.toFixed(1);
      return [
        family,
        arm,
        evaluation,
        successText(cell),
        String(cell.n),
        seeds,
        differenceText(cell),
        ...(hasPaper ? [paper] : []),
      ];
    });
    return `## ${column}\n\n${markdownTable([head, ...rows])}`;
  });
  const intro = report.description === "" ? [] : [report.description.trim()];
  return (
    [
      `# ${report.title}`,
      ...intro,
      ...sections,
      notes(report)
        .map((note) => `- ${note}`)
        .join("\n"),
      "",
    ]
      .join("\n\n")
      .trimEnd() + "\n"
  );
}

function markdownTable([head, ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head!), line(head!.map(() => "---")), ...rows.map(line)].join("\n");
}
