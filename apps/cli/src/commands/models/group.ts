import { defineCommand } from "citty";
import { lazyCommand } from "../../terminal/lazy-command.ts";

export const modelsCommand = defineCommand({
  meta: { name: "models", description: "Download and prepare checkpoints" },
  subCommands: {
    pull: lazyCommand({
      meta: { name: "pull", description: "Download a model from the Hugging Face hub" },
      load: () => import("./pull.ts").then((m) => m.pullCommand),
    }),
    merge: lazyCommand({
      meta: { name: "merge", description: "Write a checkpoint with a LoRA adapter folded into its weights" },
      load: () => import("./merge.ts").then((m) => m.mergeCommand),
    }),
    export: lazyCommand({
      meta: { name: "export", description: "Write a SAM model as plain ONNX" },
      load: () => import("./export.ts").then((m) => m.exportCommand),
    }),
    "export-adapter": lazyCommand({
      meta: { name: "export-adapter", description: "Write the LoRA adapter of a training run in peft's own form" },
      load: () => import("./export-adapter.ts").then((m) => m.exportAdapterCommand),
    }),
    "export-base": lazyCommand({
      meta: {
        name: "export-base",
        description: "Write a training run as a small base checkpoint that others start from",
      },
      load: () => import("./export-base.ts").then((m) => m.exportBaseCommand),
    }),
    quantize: lazyCommand({
      meta: { name: "quantize", description: "Write a checkpoint with 4- or 8-bit weights of its language model" },
      load: () => import("./quantize.ts").then((m) => m.quantizeCommand),
    }),
  },
});
