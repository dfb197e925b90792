import { exportAdapter } from "@pixelvla/training";
import { defineCommand } from "citty";
import { resolve } from "node:path";
import { jsonArg, printResult } from "../../terminal/output.ts";

export const exportAdapterCommand = defineCommand({
  meta: { name: "export-adapter", description: "Write the LoRA adapter of a training run in peft's own form" },
  args: {
    run: { type: "positional", required: true, description: "Run directory, or a checkpoint folder of one" },
    out: { type: "positional", required: true, description: "Folder to write" },
    ...jsonArg,
  },
  async run({ args }) {
    const exported = await exportAdapter(resolve(args.run), args.out);
    printResult(args.json, exported, () => {
      const { out, recipe, trainStep, nTensors, rank, alpha, baseModel } = exported;
      const base = baseModel === undefined ? "" : `, for ${baseModel}`;
      return `${recipe} at train step ${trainStep}: ${nTensors} matrices of rank ${rank}, alpha ${alpha}, in ${out}${base}`;
    });
  },
});
