import {
  cast,
  defineAuxiliary,
  div,
  greater,
  incompatible,
  log,
  max,
  mul,
  neg,
  reduceSum,
  reshape,
  resizeAreaLike,
  slice,
} from "@pixelvla/core";
import { z } from "zod";

const options = z.strictObject({
  layer: z.int().nonnegative().default(1).describe("Backbone layer whose attention is taught, counted from 0"),
  heads: z.int().positive().default(2).describe("How many of its heads, the first ones"),
});

/**
 * Grounding: cross-entropy between the attention that the decoder's tokens pay to the vision tokens and the target's tokens.
 * A vision-language model comes with grounded words; a tiny policy from scratch stays on a long plateau without this.
 *
 * Attention `[B, heads, T, S]` of one layer, mask `[B, H, W]`; frames without a visible target do not count.
 *
 * @throws PVLA_INCOMPATIBLE when the backbone has fewer layers or heads
 */
export const grounding = defineAuxiliary({
  name: "grounding",
  summary: "Attention of the action tokens is taught to lie on the annotated target.",
  options,
  needsDecoder: true,
  build(_g, { inputs, vision, projected, backbone, attention }, { layer, heads }) {
    const [b, n] = projected.shape as [number, number, number];
    const prompt = n + inputs.shape.textLength;
    // Passes over the prompt alone have no decoder token among the queries.
    const passes = attention.filter(({ weights }) => weights.shape[3]! > prompt);
    const record = passes[layer];
    if (record === undefined || record.weights.shape[1]! < heads)
      throw incompatible({
        doing: `Building auxiliary loss "grounding"`,
        found: `${passes.length} layers of ${passes[0]?.weights.shape[1] ?? 0} heads`,
        needed: `layer ${layer} with ${heads} heads`,
        fix: "Lower its options layer and heads",
      });
    const [, , queries, keys] = record.weights.shape as [number, number, number, number];
    const suffix = keys - prompt;
    const onVision = slice(slice(record.weights, 1, 0, heads), 3, backbone.visionOffset, backbone.visionOffset + n);
    const fromSuffix = slice(onVision, 2, queries - suffix, queries); // [B, heads, n, N]
    const coverage = reshape(resizeAreaLike(inputs.targetMask, vision.levels.at(-1)!), [b, 1, 1, n]);
    const area = reduceSum(coverage, [3], true);
    const wanted = div(coverage, max(area, 1e-6));
    const seen = cast(greater(area, 0), "float32");
    const total = neg(reduceSum(mul(log(max(fromSuffix, 1e-6)), wanted)));
    const loss = div(total, max(mul(reduceSum(seen), heads * suffix), 1));
    const hit = div(
      reduceSum(mul(fromSuffix, cast(greater(coverage, 0), "float32"))),
      max(mul(reduceSum(seen), heads * suffix), 1),
    );
    return { loss, metrics: { onTarget: hit } };
  },
});
