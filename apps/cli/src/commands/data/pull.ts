import { KNOWN_DATASETS, pullDataset } from "@pixelvla/data";
import { defineCommand } from "citty";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { formatTable, jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { repeatedOption } from "../../terminal/repeated-option.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";

export const pullCommand = defineCommand({
  meta: { name: "pull", description: "Download a public dataset; interrupted, the same command goes on" },
  args: {
    source: {
      type: "positional",
      required: false,
      description:
        "Known name, hf://datasets/OWNER/NAME[@REVISION][/FOLDER], gs://BUCKET/FOLDER or the web folder of an RLDS version; without it the known names are listed",
    },
    out: { type: "string", description: "Folder to write to; default datasets/NAME" },
    include: { type: "string", description: 'Only files like this ("meta/**"); may be given again' },
    parallel: { type: "string", default: "4", description: "Downloads at once" },
    verify: { type: "boolean", default: false, description: "Hash files again that an earlier run has checked" },
    "hub-url": { type: "string", description: "A mirror of the hub" },
    "bucket-url": { type: "string", description: "A mirror of the object store" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    if (args.source === undefined) {
      const rows = Object.entries(KNOWN_DATASETS).map(([name, { source, note }]) => [name, source, note]);
      printResult(args.json, KNOWN_DATASETS, () => formatTable([["name", "source", ""], ...rows]));
      return;
    }
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const progress = createProgress({ json: args.json });
    const include = repeatedOption(rawArgs, "--include");
    try {
      const out = args.out ?? `datasets/${args.source.replace(/^\w+:\/+/, "").replace(/[^\w.-]+/g, "_")}`;
      const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
      const report = await pullDataset(args.source, out, {
        signal,
        include: include.length === 0 ? undefined : include,
        parallel: wholeNumber("--parallel", args.parallel),
        verify: args.verify,
        hubUrl: args["hub-url"],
        bucketUrl: args["bucket-url"],
        onProgress: ({ bytesDone, bytesTotal, nFilesDone, nFiles }) =>
          progress.update({
            done: mib(bytesDone),
            total: bytesTotal === undefined ? null : mib(bytesTotal),
            unit: "MiB",
            note: `${nFilesDone}/${nFiles} files`,
          }),
      });
      progress.end();
      const { origin, nFiles, nDownloaded, nBytes, nWithoutHash } = report;
      printResult(args.json, { ...report, out }, () =>
        [
          `${out}: ${nFiles} files, ${mib(nBytes)} MiB, ${nDownloaded} downloaded now`,
          `source: ${origin}`,
          ...(nWithoutHash > 0
            ? [`${nWithoutHash} files have no hash at the source; "pixelvla data check" verifies their records`]
            : []),
        ].join("\n"),
      );
    } finally {
      progress.end();
    }
  },
});
