import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { jobPaths, writeFileAtomic } from "@pixelvla/jobs";
import { csvReport } from "./csv.ts";
import { htmlReport } from "./html.ts";
import { latexReport } from "./latex.ts";
import { markdownReport } from "./markdown.ts";
import { sweepReport, type ReportOptions, type SweepReport } from "./sweep-report.ts";

/**
 * Writes `report.md`, `.csv`, `.tex`, `.html` and `.json` into the sweep's `results/`; where they compare with another arm than the
 * sweep's own, into the folder `against ARM` in there. Returns the report and the files' paths.
 */
export async function writeReport(
  dir: string,
  options: ReportOptions = {},
): Promise<{ report: SweepReport; files: string[] }> {
  const report = await sweepReport(dir, options);
  const { compare } = options;
  const { results: own } = jobPaths(dir);
  const results = compare === undefined ? own : join(own, `against ${compare}`);
  mkdirSync(results, { recursive: true });
  const texts = {
    "report.md": markdownReport(report),
    "report.csv": csvReport(report),
    "report.tex": latexReport(report),
    "report.html": htmlReport(report),
    "report.json": `${JSON.stringify({ ...report, curves: undefined }, null, 1)}\n`,
  };
  const files = Object.entries(texts).map(([name, content]) => {
    const file = join(results, name);
    writeFileAtomic(file, content);
    return file;
  });
  return { report, files };
}
