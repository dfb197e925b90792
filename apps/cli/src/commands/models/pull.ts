import { KNOWN_MODELS, modelsFolder, pullModel } from "@pixelvla/data";
import { defineCommand } from "citty";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { formatTable, jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";
import { repeatedOption } from "../../terminal/repeated-option.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";

export const pullCommand = defineCommand({
  meta: {
    name: "pull",
    description: "Download a model from the Hugging Face hub; interrupted, the same command goes on",
  },
  args: {
    model: {
      type: "positional",
      required: false,
      description: "OWNER/NAME[@REVISION] or a known name; without it the known names are listed",
    },
    out: {
      type: "string",
      description: `Folder to write to; default OWNER/NAME in ${modelsFolder()} (PIXELVLA_MODELS)`,
    },
    include: { type: "string", description: 'Only files like this ("*.json"), pickles too; may be given again' },
    offline: { type: "boolean", default: false, description: "Ask no server, check what is here (HF_HUB_OFFLINE=1)" },
    parallel: { type: "string", default: "4", description: "Downloads at once" },
    verify: { type: "boolean", default: false, description: "Hash files again that an earlier run has checked" },
    "hub-url": { type: "string", description: "A mirror of the hub (HF_ENDPOINT)" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    if (args.model === undefined) {
      const rows = Object.entries(KNOWN_MODELS).map(([name, { repo, note, sizeMb, license }]) => [
        name,
        repo,
        sizeMb === undefined ? "" : `${sizeMb} MB`,
        license ?? "",
        note,
      ]);
      printResult(args.json, KNOWN_MODELS, () => formatTable([["name", "repository", "size", "licence", ""], ...rows]));
      return;
    }
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    const progress = createProgress({ json: args.json });
    const include = repeatedOption(rawArgs, "--include");
    const { HF_ENDPOINT: endpoint, HF_TOKEN: accessToken, HF_HUB_OFFLINE: offline } = process.env;
    const mib = (bytes: number) => Math.round(bytes / 2 ** 20);
    try {
      const report = await pullModel(args.model, {
        signal,
        folder: args.out,
        offline: args.offline || offline === "1",
        include: include.length === 0 ? undefined : include,
        parallel: wholeNumber("--parallel", args.parallel),
        verify: args.verify,
        hubUrl: args["hub-url"] ?? endpoint,
        accessToken,
        onProgress: ({ bytesDone, bytesTotal, nFilesDone, nFiles }) =>
          progress.update({
            done: mib(bytesDone),
            total: bytesTotal === undefined ? null : mib(bytesTotal),
            unit: "MiB",
            note: `${nFilesDone}/${nFiles} files`,
          }),
      });
      progress.end();
      printResult(args.json, report, () =>
        [
          `${report.folder}: ${report.nFiles} files, ${mib(report.nBytes)} MiB, ${report.nDownloaded} downloaded now`,
          `source: ${report.origin}`,
          `licence: ${report.license ?? "not stated by the source"}`,
          ...(report.left.length > 0
            ? [`left out, weights of other forms: ${report.left.join(", ")} (take one with --include NAME)`]
            : []),
        ].join("\n"),
      );
    } finally {
      progress.end();
    }
  },
});
