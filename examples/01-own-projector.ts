// A part of your own, outside the packages: define it, register it beside the built-in ones, name it in a recipe.
// Run it: npx tsx --conditions=@pixelvla/source examples/01-own-projector.ts

import { composePolicy, createRegistry, defineProjector, layerNorm, linear, parseRecipe, silu } from "@pixelvla/core";
import { builtinBackbones } from "@pixelvla/backbones";
import { builtinDecoders } from "@pixelvla/decoders";
import { builtinEncoders } from "@pixelvla/encoders";
import { loadRecipe } from "@pixelvla/training";
import { fileURLToPath } from "node:url";
import { z } from "zod";

/** LayerNorm, then a gated linear unit: `[B, N, Dv]` -> `[B, N, D]`. */
export const gatedProjector = defineProjector({
  name: "gated",
  summary: "LayerNorm and a gated linear unit.",
  options: z.strictObject({ bias: z.boolean().default(true).describe("Whether the layers have biases") }),
  build(g, tokens, { bias }, outputDim) {
    const normed = layerNorm(g, tokens, "norm");
    const gate = silu(linear(g, normed, outputDim, "gate", { bias }));
    return linear(g, gate, outputDim, "out", { bias });
  },
});

const registry = createRegistry([...builtinEncoders, ...builtinBackbones, ...builtinDecoders, gatedProjector]);
const { recipe } = loadRecipe(fileURLToPath(new URL("../recipes/openvla-tiny.yaml", import.meta.url)));
const mine = parseRecipe({ ...recipe, name: "openvla-gated", projector: { name: "gated" } });

const policy = composePolicy(mine, registry, { batch: 1, mode: "predict" });
const parameters = [...policy.graph.parameters.keys()].filter((name) => name.startsWith("projector."));
console.log(`${mine.name}: chunk [${policy.chunk!.shape.join(", ")}], projector parameters ${parameters.join(", ")}`);
