import { add, layerNorm, linear, type Graph, type Tensor } from "@pixelvla/core";
import type { MaskDecoderConfig } from "../config.ts";
import { attend, feedForward } from "./layers.ts";

interface Attended {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  /** Added to the logits, for padded keys. */
  readonly mask?: Tensor;
}

/**
 * SAM's two-way transformer: prompt tokens `[1, T, D]` and picture tokens `[1, N, D]` attend to each other.
 * `padding` `[1, 1, 1, T]` is added to logits over prompt tokens.
 *
 * Source: transformers `Sam2TwoWayTransformer`.
 */
export function twoWayTransformer(
  g: Graph,
  tokens: Tensor,
  picture: Tensor,
  positions: Tensor,
  padding: Tensor,
  config: MaskDecoderConfig,
): { queries: Tensor; keys: Tensor } {
  const attention = (name: string, { query, key, value, mask }: Attended, downsample = config.downsample) =>
    g.within(name, () => {
      const inner = config.width / downsample;
      const [q, k, v] = [
        linear(g, query, inner, "q_proj"),
        linear(g, key, inner, "k_proj"),
        linear(g, value, inner, "v_proj"),
      ];
      return linear(g, attend(q, k, v, config.heads, mask), config.width, "o_proj");
    });
  let queries = tokens;
  let keys = picture;
  for (let i = 0; i < config.depth; i++) {
    g.within(`layers.${i}`, () => {
      if (i === 0) {
        queries = attention("self_attn", { query: queries, key: queries, value: queries, mask: padding }, 1);
      } else {
        const placed = add(queries, tokens);
        queries = add(
          queries,
          attention("self_attn", { query: placed, key: placed, value: queries, mask: padding }, 1),
        );
      }
      queries = layerNorm(g, queries, "layer_norm1");
      const toPicture = { query: add(queries, tokens), key: add(keys, positions), value: keys };
      queries = layerNorm(g, add(queries, attention("cross_attn_token_to_image", toPicture)), "layer_norm2");
      const mlp = feedForward(g, queries, "mlp", {
        hidden: config.mlpWidth,
        output: config.width,
        layers: config.depth,
      });
      queries = layerNorm(g, add(queries, mlp), "layer_norm3");
      const toTokens = { query: add(keys, positions), key: add(queries, tokens), value: queries, mask: padding };
      keys = layerNorm(g, add(keys, attention("cross_attn_image_to_token", toTokens)), "layer_norm4");
    });
  }
  const last = { query: add(queries, tokens), key: add(keys, positions), value: keys };
  queries = layerNorm(g, add(queries, attention("final_attn_token_to_image", last)), "layer_norm_final_attn");
  return { queries, keys };
}
