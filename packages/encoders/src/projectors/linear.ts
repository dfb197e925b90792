import { defineProjector, linear } from "@pixelvla/core";
import { z } from "zod";

/** One linear layer: PaliGemma's projector. */
export const linearProjector = defineProjector({
  name: "linear",
  summary: "One linear layer (PaliGemma).",
  options: z.strictObject({}),
  build: (g, tokens, _options, outputDim) => linear(g, tokens, outputDim, "linear"),
});
