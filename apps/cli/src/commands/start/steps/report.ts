import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { jobPaths, writeFileAtomic } from "@pixelvla/jobs";
import type { MainStep } from "../step.ts";
import { readRecords } from "../records.ts";
import { reportFiles } from "../report/report-files.ts";

/** Writes the report: success of every arm with intervals and paired differences, time per step, what the annotation dropped. */
export const reportStep: MainStep = {
  name: "report",
  title: "write the report",
  plannedS: () => 1,
  artefact: ({ main }) => reportFiles(main).html,
  async run({ plan, paths }) {
    const { mainReport } = await import("../report/main-report.ts");
    const { mainHtml, mainMarkdown } = await import("../report/documents.ts");
    const report = await mainReport(plan, paths);
    const funnel = JSON.parse(
      await readFile(join(jobPaths(paths.annotation).results, "funnel.json"), "utf8"),
    ) as unknown;
    const facts = { plan, records: readRecords(paths.main), funnel: funnel as FunnelFacts };
    const files = reportFiles(paths.main);
    writeFileAtomic(files.markdown, mainMarkdown(report, facts));
    writeFileAtomic(files.html, mainHtml(report, facts));
    writeFileAtomic(files.json, `${JSON.stringify({ version: 1, report, ...facts }, null, 1)}\n`);
    return [files.html, files.markdown];
  },
};

/** The part of the annotator's funnel that the report tells. */
export interface FunnelFacts {
  readonly nIn: number;
  readonly nKept: number;
  readonly dropped: readonly { readonly meaning: string; readonly nDropped: number }[];
}
