import { definePixelEncoder, gelu, linear, maskedMean, reshape, resizeAreaLike } from "@pixelvla/core";
import { z } from "zod";

/**
 * Single-level alternative to `multiscale`, to ablate against: masked mean of the deepest level only, then the MLP.
 * An all-zero mask pools to zeros, never NaN.
 */
export const maskedMeanEncoder = definePixelEncoder({
  name: "masked-mean",
  summary: "Masked mean of the deepest vision level, then an MLP (single-level ablation of Eq. 3).",
  options: z.strictObject({ tokens: z.int().positive().default(1).describe("Tokens per mask, Np") }),
  tokenCount: ({ tokens }) => tokens,
  build(g, { levels, mask }, { tokens }, outputDim) {
    const level = levels.at(-1)!;
    const pooled = maskedMean(level, resizeAreaLike(mask, level)); // [B, 1, Di]
    const flat = linear(g, gelu(linear(g, pooled, outputDim, "mlp.0")), outputDim * tokens, "mlp.2");
    return reshape(flat, [flat.shape[0]!, tokens, outputDim]);
  },
});
