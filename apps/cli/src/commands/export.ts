import { resolve } from "node:path";
import { defineCommand } from "citty";
import { jsonArg, printResult } from "../terminal/output.ts";
import { createProgress } from "../terminal/progress.ts";
import { repeatedOption } from "../terminal/repeated-option.ts";
import { wholeNumber } from "../terminal/whole-number.ts";
import { oneOf } from "./bench/choices.ts";

export const exportCommand = defineCommand({
  meta: { name: "export", description: "Write a policy as a plain ONNX folder that needs nothing of ours" },
  args: {
    policy: { type: "positional", required: true, description: "Run directory, checkpoint folder or recipe (.yaml)" },
    out: { type: "string", required: true, description: "Folder to write" },
    precision: { type: "string", default: "stored", description: "stored, float16, int8 or int4" },
    cachedPrefix: { type: "boolean", default: false, description: "Also prefix.onnx and sample.onnx (pi0)" },
    measure: {
      type: "string",
      default: "8",
      description:
        "Synthetic observations the exported actions are compared on; 0 for none (large policies: memory for two)",
    },
    set: { type: "string", description: "Override a recipe key; may be given again" },
    statistics: { type: "string", description: "dataset_statistics.json to use instead of the run's own" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    const { exportPolicy, openGraphSource, PRECISIONS } = await import("@pixelvla/serving");
    const source = openGraphSource(resolve(args.policy), {
      overrides: repeatedOption(rawArgs, "--set"),
      ...(args.statistics === undefined ? {} : { statistics: resolve(args.statistics) }),
    });
    const progress = createProgress({ json: args.json });
    const report = await exportPolicy(source, {
      out: resolve(args.out),
      precision: oneOf("--precision", args.precision, PRECISIONS),
      cachedPrefix: args.cachedPrefix,
      measure: wholeNumber("--measure", args.measure),
      onProgress: (line) => progress.line(line),
    });
    progress.end();
    const { parameters, weightBytes, mergedAdapters, randomParameters, actionError } = report;
    printResult(args.json, report, () =>
      [
        `${report.out}: ${report.files.join(", ")}`,
        `${parameters.toLocaleString("en")} parameters, weights ${(weightBytes / 2 ** 20).toFixed(1)} MiB (${report.precision}), ${mergedAdapters} adapters merged`,
        ...(actionError === undefined
          ? []
          : [
              `actions differ by ${actionError.mean.toExponential(1)} on average, ${actionError.max.toExponential(1)} at most (normalised, ${actionError.observations} observations)`,
            ]),
        ...(randomParameters > 0
          ? [`RANDOM WEIGHTS: ${randomParameters.toLocaleString("en")} come from no checkpoint`]
          : []),
      ].join("\n"),
    );
  },
});
