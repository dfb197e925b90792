import { quantiseCheckpoint } from "@pixelvla/data/checkpoints";
import { defineCommand } from "citty";
import { interruptSignal } from "../../terminal/interrupt.ts";
import { jsonArg, printResult } from "../../terminal/output.ts";
import { createProgress } from "../../terminal/progress.ts";

export const quantizeCommand = defineCommand({
  meta: { name: "quantize", description: "Write a checkpoint with 4- or 8-bit weights of its language model" },
  args: {
    checkpoint: { type: "positional", required: true, description: "Folder or .safetensors file" },
    out: { type: "string", required: true, description: "New folder" },
    bits: { type: "enum", options: ["4", "8"], default: "4", description: "Bits per weight" },
    block: {
      type: "enum",
      options: ["16", "32", "64", "128"],
      default: "32",
      description: "Weights that share a scale",
    },
    match: {
      type: "string",
      default: "(language_model|llm|gemma_expert)\\..*layers\\..*_proj\\.weight$",
      description: "Regular expression over tensor names: which matrices are quantised",
    },
    ...jsonArg,
  },
  async run({ args }) {
    const pattern = new RegExp(args.match);
    const progress = createProgress({ json: args.json });
    using interrupts = interruptSignal();
    const { signal } = interrupts;
    try {
      const result = await quantiseCheckpoint(args.checkpoint, args.out, {
        bits: args.bits === "8" ? 8 : 4,
        blockSize: Number(args.block),
        matches: (name) => pattern.test(name),
        signal,
        onProgress: (done, total, note) => progress.update({ done, total, unit: "tensors", note }),
      });
      progress.end();
      printResult(
        args.json,
        result,
        () => `${result.quantised} matrices quantised, ${result.copied} tensors copied to ${args.out}`,
      );
    } finally {
      progress.end();
    }
  },
});
