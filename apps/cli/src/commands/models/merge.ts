import { mergeCheckpoint } from "@pixelvla/data/checkpoints";
import { defineCommand } from "citty";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";

export const mergeCommand = defineCommand({
  meta: { name: "merge", description: "Write a checkpoint with a LoRA adapter (peft's form) folded into its weights" },
  args: {
    base: { type: "positional", required: true, description: "Folder or .safetensors file of the base model" },
    adapter: {
      type: "positional",
      required: true,
      description: "Folder with adapter_config.json and adapter_model.safetensors",
    },
    out: { type: "string", required: true, description: "New folder" },
    ...jsonArg,
  },
  async run({ args }) {
    const progress = createProgress({ json: args.json });
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    try {
      const result = await mergeCheckpoint(args.base, args.adapter, args.out, {
        signal,
        onProgress: (done, total, note) => progress.update({ done, total, unit: "tensors", note }),
      });
      progress.end();
      printResult(
        args.json,
        result,
        () => `${result.merged} matrices merged, ${result.copied} tensors copied to ${args.out}`,
      );
    } finally {
      progress.end();
    }
  },
});
