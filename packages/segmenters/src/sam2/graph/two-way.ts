import { add, layerNorm, linear, type Graph, type Tensor } from "@pixelvla/core";
import type { MaskDecoderConfig } from "../config.ts";
import { pictureToTokens, tokensToPicture } from "../../two-way/token-attention.ts";
import { attend, feedForward } from "./layers.ts";

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
  const { width, heads } = config;
  const crossing = { inner: width / config.downsample, heads, output: "o_proj" };
  const selfAttention = (query: Tensor, value: Tensor) =>
    g.within("self_attn", () => {
      const project = (x: Tensor, part: string) => linear(g, x, width, part);
      const [q, k, v] = [project(query, "q_proj"), project(query, "k_proj"), project(value, "v_proj")];
      return linear(g, attend(q, k, v, heads, padding), width, "o_proj");
    });
  let queries = tokens;
  let keys = picture;
  for (let i = 0; i < config.depth; i++) {
    g.within(`layers.${i}`, () => {
      const placed = add(queries, tokens);
      queries = i === 0 ? selfAttention(queries, queries) : add(queries, selfAttention(placed, queries));
      queries = layerNorm(g, queries, "layer_norm1");
      const placedKeys = add(keys, positions);
      const looking = { queries: add(queries, tokens), keys: placedKeys, values: keys };
      const looked = tokensToPicture(g, "cross_attn_token_to_image", looking, crossing);
      queries = layerNorm(g, add(queries, looked), "layer_norm2");
      const mlp = feedForward(g, queries, "mlp", {
        hidden: config.mlpWidth,
        output: config.width,
        layers: config.depth,
      });
      queries = layerNorm(g, add(queries, mlp), "layer_norm3");
      const asking = { queries: placedKeys, keys: add(queries, tokens), values: queries, mask: padding };
      const told = pictureToTokens(g, "cross_attn_image_to_token", asking, crossing);
      keys = layerNorm(g, add(keys, told), "layer_norm4");
    });
  }
  const last = { queries: add(queries, tokens), keys: add(keys, positions), values: keys };
  const looked = tokensToPicture(g, "final_attn_token_to_image", last, crossing);
  queries = layerNorm(g, add(queries, looked), "layer_norm_final_attn");
  return { queries, keys };
}
