import { defineProjector, gelu, linear } from "@pixelvla/core";
import { z } from "zod";

/**
 * OpenVLA's projector: three linear layers with GELU (erf) between, `[B, N, Dv]` -> 4 Dv -> D -> D.
 * The paper's text says two layers; the checkpoint it starts from has three.
 */
export const fusedMlp = defineProjector({
  name: "fused-mlp",
  summary: "Three linear layers with GELU, 4 Dv wide first (OpenVLA).",
  options: z.strictObject({
    hidden: z.int().positive().optional().describe("Width after the first layer; default 4 Dv"),
  }),
  build(g, tokens, { hidden }, outputDim) {
    const wide = linear(g, tokens, hidden ?? 4 * tokens.shape[2]!, "fc1");
    return linear(g, gelu(linear(g, gelu(wide), outputDim, "fc2")), outputDim, "fc3");
  },
});
