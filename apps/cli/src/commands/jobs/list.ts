import { resolve } from "node:path";
import { listJobs } from "@pixelvla/jobs";
import { defineCommand } from "citty";
import { formatDuration, formatTable, jsonArg, printResult } from "../../terminal/output.ts";

export const listCommand = defineCommand({
  meta: { name: "list", description: "List the jobs of a workspace" },
  args: {
    runs: { type: "positional", required: false, default: "runs", description: "Folder of jobs, a workspace's runs/" },
    ...jsonArg,
  },
  async run({ args }) {
    const list = await listJobs(resolve(args.runs));
    printResult(args.json, list, () => {
      const rows = list.jobs.map(({ id, observed, status: { kind, progress, error } }) => [
        id,
        kind,
        observed,
        `${progress.done}${progress.total === null ? "" : `/${progress.total}`} ${progress.unit}`,
        progress.etaS === null || observed !== "running" ? "" : `eta ${formatDuration(progress.etaS)}`,
        error?.code ?? "",
      ]);
      const broken = list.unreadable.map(({ code, message }) => `${code}  ${message}`);
      if (rows.length + broken.length === 0) return `No jobs in ${args.runs}`;
      return [formatTable([["job", "kind", "state", "progress", "", ""], ...rows]), ...broken].join("\n");
    });
  },
});
