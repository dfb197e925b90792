import { readJobDetail, readMetrics, tailLog } from "@pixelvla/jobs";
import { defineCommand } from "citty";
import { formatDuration, jsonArg, printResult } from "../../terminal/output.ts";

export const showCommand = defineCommand({
  meta: { name: "show", description: "Show one job: state, progress, last metrics, checkpoints" },
  args: {
    job: { type: "positional", required: true, description: "Job directory" },
    log: { type: "boolean", default: false, description: "Print the end of the log too" },
    ...jsonArg,
  },
  async run({ args }) {
    const detail = await readJobDetail(args.job);
    const last = (await readMetrics(args.job)).rows.at(-1);
    const log = args.log ? (await tailLog(args.job)).text : undefined;
    printResult(args.json, { ...detail, lastMetrics: last, log }, () => {
      const { status, observed, checkpoints } = detail;
      const { done, total, unit, ratePerS, etaS } = status.progress;
      const lines = [
        `${detail.id}  ${status.kind}  ${observed}${status.phase === null ? "" : `  ${status.phase}`}`,
        `progress     ${done}${total === null ? "" : `/${total}`} ${unit}`,
        `worked       ${formatDuration(status.workedS)}`,
      ];
      if (observed === "running" && ratePerS !== null) lines.push(`rate         ${ratePerS.toPrecision(3)} ${unit}/s`);
      if (observed === "running" && etaS !== null) lines.push(`time left    ${formatDuration(etaS)}`);
      if (last !== undefined) lines.push(`last metrics ${JSON.stringify(last)}`);
      lines.push(`checkpoints  ${checkpoints.map((c) => c.step).join(", ") || "none"}`);
      if (status.error !== null) lines.push(`${status.error.code}  ${status.error.message}`);
      if (log !== undefined) lines.push("", log.trimEnd());
      return lines.join("\n");
    });
  },
});
