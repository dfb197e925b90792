import { htmlReport, markdownReport, type SweepReport } from "@pixelvla/sweeps";
import { formatDuration } from "../../../terminal/output.ts";
import type { MainPlan } from "../plan.ts";
import type { StepRecord } from "../records.ts";
import type { FunnelFacts } from "../steps/report.ts";

/** What the report tells besides the success tables. */
export interface ReportFacts {
  readonly plan: MainPlan;
  readonly records: readonly StepRecord[];
  readonly funnel: FunnelFacts;
}

interface Section {
  readonly title: string;
  readonly rows: readonly (readonly [string, string])[];
}

function sections({ plan, records, funnel }: ReportFacts): Section[] {
  const total = records.reduce((sum, { spentS }) => sum + spentS, 0);
  return [
    {
      title: "Time per step",
      rows: [
        ...records.map(({ name, spentS, facts }): [string, string] => [
          name,
          `${formatDuration(spentS)}${facts.length === 0 ? "" : `: ${facts.join("; ")}`}`,
        ]),
        ["all", formatDuration(total)],
      ],
    },
    {
      title: "What the annotation dropped",
      rows: [
        ["episodes", `${funnel.nKept} of ${funnel.nIn} kept`],
        ...funnel.dropped.map(({ meaning, nDropped }): [string, string] => [meaning, String(nDropped)]),
      ],
    },
    {
      title: "Settings",
      rows: Object.entries(plan).map(([key, value]): [string, string] => [
        key,
        Array.isArray(value) ? value.join(", ") : String(value),
      ]),
    },
  ];
}

/** The report as Markdown. */
export function mainMarkdown(report: SweepReport, facts: ReportFacts): string {
  const tables = sections(facts).map(({ title, rows }) => {
    const lines = rows.map(([name, value]) => `| ${name} | ${value.replaceAll("|", "\\|")} |`);
    return [`## ${title}`, "", "| | |", "| --- | --- |", ...lines].join("\n");
  });
  return `${[markdownReport(report).trimEnd(), ...tables].join("\n\n")}\n`;
}

/** The report as one HTML file that needs nothing else: the sweep's page with these tables at its end. */
export function mainHtml(report: SweepReport, facts: ReportFacts): string {
  const tables = sections(facts).map(({ title, rows }) => {
    const body = rows.map(([name, value]) => `<tr><td>${escaped(name)}</td><td>${escaped(value)}</td></tr>`).join("\n");
    return `<h2>${escaped(title)}</h2>\n<table><tbody>\n${body}\n</tbody></table>`;
  });
  return htmlReport(report).replace(/<\/html>\s*$/, `${tables.join("\n")}\n</html>\n`);
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
