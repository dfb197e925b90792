import { resolve } from "node:path";
import { computeStatistics, openDataset, writeStatistics, type Dataset, type DatasetStatistics } from "@pixelvla/data";
import { defineCommand } from "citty";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { formatTable, jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { datasetArgs, openOptions } from "./options.ts";

export const statsCommand = defineCommand({
  meta: { name: "stats", description: "Compute normalisation statistics (OpenVLA's dataset_statistics.json)" },
  args: {
    ...datasetArgs,
    out: { type: "string", description: "Write them to this file" },
    "on-damage": { type: "string", default: "stop", description: "stop at damage, or skip and report it" },
    ...jsonArg,
  },
  async run({ args }) {
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const progress = createProgress({ json: args.json });
    const dataset = await openDataset(args.dataset, openOptions(args, args["on-damage"], signal));
    try {
      const statistics = await computeStatistics(dataset, {
        signal,
        onProgress: (done, total) => progress.update({ done, total, unit: "episodes" }),
      });
      progress.end();
      const byDataset = { [dataset.info.name]: statistics };
      if (args.out !== undefined) await writeStatistics(resolve(args.out), byDataset);
      for (const { code, message } of dataset.damage) progress.line(`${code}  ${message}`);
      printResult(args.json, byDataset, () => text(dataset, statistics, args.out));
    } finally {
      progress.end();
      await dataset.close();
    }
  },
});

function text({ info }: Dataset, statistics: DatasetStatistics, out: string | undefined): string {
  const { action, num_trajectories, num_transitions } = statistics;
  const number = (value: number) => value.toFixed(5);
  const rows = info.actionNames.map((name, d) => [
    name,
    ...[action.q01, action.q99, action.mean, action.std, action.min, action.max].map((column) => number(column[d]!)),
    action.mask[d] ? "yes" : "no",
  ]);
  return [
    `${info.name}: ${num_trajectories} episodes, ${num_transitions} frames, standardised as ${info.standardisation}`,
    "",
    formatTable([["action", "q01", "q99", "mean", "std", "min", "max", "normalised"], ...rows]),
    ...(out === undefined ? [] : ["", `Written to ${out}`]),
  ].join("\n");
}
