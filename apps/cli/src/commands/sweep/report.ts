import { resolve } from "node:path";
import { writeReport } from "@pixelvla/sweeps";
import { defineCommand } from "citty";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { reportText } from "./sweep-text.ts";

export const sweepReportCommand = defineCommand({
  meta: {
    name: "report",
    description: "Write a sweep's report as Markdown, CSV, LaTeX, HTML and JSON, also while it runs",
  },
  args: {
    dir: { type: "positional", required: true, description: "Job directory of the sweep" },
    ...jsonArg,
  },
  async run({ args }) {
    const { report, files } = await writeReport(resolve(args.dir));
    printResult(args.json, { report, files }, () => reportText(report, files));
  },
});
