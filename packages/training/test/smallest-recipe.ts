import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { RecipeInput } from "@pixelvla/core";

/** A few real BridgeData V2 episodes, kept beside the repository; undefined where they are absent. */
export const bridgeFolder = (): string | undefined => {
  const folder = fileURLToPath(new URL("../../../../shared/data/octo-bridge-debug", import.meta.url));
  return existsSync(folder) ? folder : undefined;
};

/** The smallest policy that has every part: two layers, width 32. Trains in milliseconds a step. */
export function smallestRecipe(training: Record<string, unknown> = {}): RecipeInput {
  const tower = { width: 16, depth: 2, heads: 2, mlpWidth: 32 };
  return {
    name: "smallest",
    image: { height: 32, width: 32 },
    visionEncoder: {
      name: "fused-dinov2-siglip",
      options: { image: 32, patch: 16, registers: 1, dino: tower, siglip: tower, taps: [0] },
    },
    projector: { name: "fused-mlp" },
    pixelEncoder: { name: "multiscale", options: { width: 16, levels: 1 } },
    backbone: {
      name: "llama",
      options: {
        width: 32,
        layers: 2,
        heads: 2,
        mlpWidth: 64,
        vocabulary: 256,
        embeddingStd: 1,
        pad: 0,
        annotationsSentinel: 3,
        visualPromptsSentinel: 4,
      },
      tokenizer: { name: "hashed-words", options: { firstId: 8, buckets: 248 } },
      lora: { rank: 4, alpha: 4 },
    },
    decoder: { name: "continuous", options: { hidden: 32, blocks: 1, slots: "learned" } },
    text: { maxTokens: 32, plainTemplate: "{instruction}", template: "{instruction} {annotations} {visual prompts}" },
    training: { stage: "text-only", batchSize: 4, threads: 1, steps: 40, checkpoint: { everySteps: 10 }, ...training },
  };
}
