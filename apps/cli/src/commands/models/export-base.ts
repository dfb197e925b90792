import { BASE_DTYPES, exportBase } from "@pixelvla/training";
import { defineCommand } from "citty";
import { resolve } from "node:path";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { repeatedOption } from "../../terminal/repeated-option.ts";
import { wholeNumber } from "../../terminal/whole-number.ts";
import { oneOf } from "../data/options.ts";

export const exportBaseCommand = defineCommand({
  meta: { name: "export-base", description: "Write a training run as a small base checkpoint that others start from" },
  args: {
    run: { type: "positional", required: true, description: "Run directory, or a checkpoint folder of one" },
    out: { type: "positional", required: true, description: "Folder to write; its name is the base's name" },
    dtype: { type: "string", default: "float16", description: "Stored weights: float16, bfloat16 or float32" },
    evaluation: { type: "string", description: "results.json of bench run, shown in the README; may be given again" },
    "max-mb": { type: "string", default: "4", description: "Refuse weights larger than this" },
    ...jsonArg,
  },
  async run({ args, rawArgs }) {
    const exported = await exportBase({
      run: resolve(args.run),
      out: resolve(args.out),
      dtype: oneOf("--dtype", args.dtype, BASE_DTYPES),
      evaluations: repeatedOption(rawArgs, "--evaluation").map((file) => resolve(file)),
      maxBytes: 1e6 * wholeNumber("--max-mb", args["max-mb"]),
    });
    printResult(args.json, exported, () => {
      const { out, recipe, trainStep, nTensors, bytes } = exported;
      return `${recipe} at train step ${trainStep}: ${nTensors} tensors, ${(bytes / 1e6).toFixed(2)} MB, in ${out}`;
    });
  },
});
