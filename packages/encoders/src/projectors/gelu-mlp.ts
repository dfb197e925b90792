import { defineProjector, gelu, linear } from "@pixelvla/core";
import { z } from "zod";

/** Two linear layers with GELU (erf): the projector as the paper describes it (PixelVLA §4.1). */
export const geluMlp = defineProjector({
  name: "gelu-mlp",
  summary: "Two linear layers with GELU (as the paper describes the projector).",
  options: z.strictObject({ hidden: z.int().positive().optional().describe("Hidden width; default D") }),
  build: (g, tokens, { hidden }, outputDim) =>
    linear(g, gelu(linear(g, tokens, hidden ?? outputDim, "fc1")), outputDim, "fc2"),
});
