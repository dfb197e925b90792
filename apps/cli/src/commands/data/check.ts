import { checkDataset, openDataset, readStatistics, type CheckReport, type DatasetStatistics } from "@pixelvla/data";
import { pixelVlaError } from "@pixelvla/core";
import { defineCommand } from "citty";
import { EXIT } from "../../terminal/exit-codes.ts";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { datasetArgs, openOptions } from "./options.ts";

export const checkCommand = defineCommand({
  meta: { name: "check", description: "Find what silently ruins training on a dataset; exit status 1 on a fail" },
  args: {
    ...datasetArgs,
    statistics: { type: "string", description: "Statistics to compare with (dataset_statistics.json of a checkpoint)" },
    "max-episodes": { type: "string", description: "Read at most this many, evenly spread; default all" },
    "image-episodes": { type: "string", default: "20", description: "Decode images of this many episodes" },
    ...jsonArg,
  },
  async run({ args }) {
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const progress = createProgress({ json: args.json });
    const dataset = await openDataset(args.dataset, openOptions(args, "skip", signal));
    try {
      const statistics =
        args.statistics === undefined ? undefined : await statisticsFor(args.statistics, dataset.info.name);
      const report = await checkDataset(dataset, {
        signal,
        maxImageEpisodes: wholeNumber("--image-episodes", args["image-episodes"]),
        onProgress: (done, total) => progress.update({ done, total, unit: "episodes" }),
        ...(args["max-episodes"] !== undefined && { maxEpisodes: wholeNumber("--max-episodes", args["max-episodes"]) }),
        ...(statistics && { statistics }),
      });
      progress.end();
      printResult(args.json, report, () => text(report));
      if (report.verdict === "fail") process.exitCode = EXIT.failed;
    } finally {
      await dataset.close();
    }
  },
});

async function statisticsFor(file: string, dataset: string): Promise<DatasetStatistics> {
  const all = await readStatistics(file);
  const names = Object.keys(all);
  const found = all[dataset] ?? (names.length === 1 ? all[names[0]!] : undefined);
  if (found) return found;
  throw pixelVlaError("PVLA_ARGUMENTS", {
    doing: `Reading ${file}`,
    found: `no statistics named "${dataset}"`,
    fix: `Available: ${names.join(", ")}`,
  });
}

function text({ dataset, root, verdict, nEpisodesRead, nEpisodes, checks, damage }: CheckReport): string {
  const lines = checks.map(({ name, verdict, reason }) => `${verdict.padEnd(4)}  ${name.padEnd(10)}  ${reason}`);
  return [
    `${dataset}  ${root}`,
    `${nEpisodesRead} of ${nEpisodes} episodes read`,
    "",
    ...lines,
    "",
    ...damage.slice(0, 20).map(({ code, message }) => `${code}  ${message}`),
    ...(damage.length > 20 ? [`… and ${damage.length - 20} more damaged places (--json lists all)`] : []),
    `result: ${verdict}`,
  ].join("\n");
}
