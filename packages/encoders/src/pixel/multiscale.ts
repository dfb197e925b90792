import {
  definePixelEncoder,
  gelu,
  incompatible,
  linear,
  maskedMean,
  reshape,
  resizeAreaLike,
  sum,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";

/**
 * Multiscale pixel-aware encoder: masked mean of each vision level, one linear per level, sum, MLP.
 *
 * Source: PixelVLA §4.1, Eq. (3).
 * Paper silent: how the mask is resized to Hi x Wi, and Np. Area averaging and Np = 1 here.
 *
 * Levels `[B, Hi, Wi, Di]`, shallow to deep, and object mask `[B, H, W]` in {0, 1} -> `E_p` `[B, Np, D]`.
 * An all-zero mask pools to zeros, never NaN.
 *
 * @throws PVLA_INCOMPATIBLE when the vision encoder offers fewer levels than `options.levels`
 */
export const multiscale = definePixelEncoder({
  name: "multiscale",
  summary: "Masked mean of every vision level, a linear per level, sum, MLP (Eq. 3).",
  options: z.strictObject({
    levels: z.int().positive().default(4).describe("Deepest vision levels to read; L in Eq. (3)"),
    width: z.int().positive().default(1024).describe("Width of the per-level projections and of their sum"),
    tokens: z.int().positive().default(1).describe("Tokens per mask, Np"),
  }),
  tokenCount: ({ tokens }) => tokens,
  build(g, { levels, mask }, { levels: count, width, tokens }, outputDim) {
    if (levels.length < count) {
      throw incompatible({
        doing: `Building pixel encoder "multiscale"`,
        found: `${levels.length} vision levels`,
        needed: `${count}`,
        fix: `Lower options.levels or choose a vision encoder with a deeper pyramid`,
      });
    }
    const projected = levels.slice(-count).map((level, i) => {
      const pooled = maskedMean(level, resizeAreaLike(mask, level)); // [B, 1, Di]
      return linear(g, pooled, width, `level_proj.${i}`); // [B, 1, width]
    });
    const hidden = gelu(linear(g, sum(projected as [Tensor, ...Tensor[]]), outputDim, "mlp.0"));
    const flat = linear(g, hidden, outputDim * tokens, "mlp.2"); // [B, 1, Np D]
    return reshape(flat, [flat.shape[0]!, tokens, outputDim]);
  },
});
