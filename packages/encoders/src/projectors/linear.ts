import { defineProjector, layerNorm, linear } from "@pixelvla/core";
import { z } from "zod";

/** One linear layer: PaliGemma's projector. */
export const linearProjector = defineProjector({
  name: "linear",
  summary: "One linear layer (PaliGemma).",
  options: z.strictObject({
    norm: z.boolean().default(false).describe("Layer normalisation after it: tokens of unit scale for tiny policies"),
  }),
  build(g, tokens, { norm }, outputDim) {
    const projected = linear(g, tokens, outputDim, "linear");
    return norm ? layerNorm(g, projected, "norm") : projected;
  },
});
