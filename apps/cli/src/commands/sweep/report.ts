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
    compare: { type: "string", description: "Arm to compare the others with (default: as the sweep's file says)" },
    ...jsonArg,
  },
  async run({ args }) {
    const { report, files } = await writeReport(resolve(args.dir), { compare: args.compare });
    printResult(args.json, { report, files }, () => reportText(report, files));
  },
});
