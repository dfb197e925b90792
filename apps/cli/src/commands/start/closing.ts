import { readFileSync } from "node:fs";
import type { SweepReport } from "@pixelvla/sweeps";
import { formatDuration, formatTable } from "../../terminal/output.ts";
import type { MainOutcome } from "./main-job.ts";
import { reportFiles } from "./report/report-files.ts";

/** How a main job stands, for a terminal: success of each arm, time of each step, where the report is. */
export function closingText({ dir, state, steps }: MainOutcome): string {
  const times = steps.map(({ name, spentS }) => `${name} ${formatDuration(spentS)}`).join(", ");
  const total = formatDuration(steps.reduce((sum, { spentS }) => sum + spentS, 0));
  if (state === "stopped") return `stopped after ${total} (${times}); the same command goes on from there`;
  const { html, markdown, json } = reportFiles(dir);
  const { report } = JSON.parse(readFileSync(json, "utf8")) as { report: SweepReport };
  return [successTable(report), "", `time    ${total}: ${times}`, `report  ${html}`, `        ${markdown}`].join("\n");
}

function successTable({ columns, rows }: SweepReport): string {
  const percent = (share: number) => (100 * share).toFixed(0);
  const head = ["success in % [95 %], n", ...columns];
  const body = rows.map(({ family, arm, cells }) => [
    `${family}, ${arm}`,
    ...cells.map(({ success: { share, low, high }, n }) =>
      n === 0 ? "-" : `${percent(share)} [${percent(low)}, ${percent(high)}], ${n}`,
    ),
  ]);
  return formatTable([head, ...body]);
}
