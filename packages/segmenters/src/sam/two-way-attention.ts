import { add, attention, layerNorm, linear, mergeHeads, splitHeads, type Graph, type Tensor } from "@pixelvla/core";
import type { SamDecoderConfig } from "./config.ts";
import { pictureToTokens, tokensToPicture, type TokenAttention } from "../two-way/token-attention.ts";
import { activation } from "./image-encoder.ts";

/** State of the two-way transformer: prompt tokens `[1, T, C]` and image cells `[1, N, C]`. */
export interface TwoWayState {
  readonly tokens: Tensor;
  readonly cells: Tensor;
}

export interface TwoWayInput extends TwoWayState {
  /** Position features of the cells `[1, N, C]`. */
  readonly positions: Tensor;
  /** Added to the logits of attention to tokens, `[1, 1, 1, T]`: hides unused prompt slots. */
  readonly tokenMask: Tensor;
}

/**
 * SAM's two-way transformer: tokens attend to themselves and to the image, the image to the tokens. Below `transformer`.
 *
 * Source: SAM's `TwoWayTransformer`; names of transformers' `SamTwoWayTransformer`.
 */
export function twoWayTransformer(g: Graph, input: TwoWayInput, config: SamDecoderConfig): TwoWayState {
  return g.within("transformer", () => {
    let state: TwoWayState = input;
    for (let i = 0; i < config.num_hidden_layers; i++)
      state = g.within(`layers.${i}`, () => twoWayLayer(g, state, input, config, i === 0));
    const last = {
      queries: add(state.tokens, input.tokens),
      keys: add(state.cells, input.positions),
      values: state.cells,
    };
    const attended = tokensToPicture(
      g,
      "final_attn_token_to_image",
      last,
      crossing(config, config.attention_downsample_rate),
    );
    return { tokens: layerNorm(g, add(state.tokens, attended), "layer_norm_final_attn"), cells: state.cells };
  });
}

/** Cross-attention inside the layers halves the width; only the final attention follows the configuration (so transformers). */
const LAYER_RATE = 2;

const crossing = (
  { hidden_size: width, num_attention_heads: heads }: SamDecoderConfig,
  rate: number,
): TokenAttention => ({
  inner: Math.floor(width / rate),
  heads,
  output: "out_proj",
});

function twoWayLayer(
  g: Graph,
  { tokens, cells }: TwoWayState,
  { tokens: tokenPositions, positions, tokenMask }: TwoWayInput,
  config: SamDecoderConfig,
  isFirst: boolean,
): TwoWayState {
  const epsilon = config.layer_norm_eps;
  const crossed = crossing(config, LAYER_RATE);
  const placed = isFirst ? tokens : add(tokens, tokenPositions);
  const self = g.within("self_attn", () => {
    const { hidden_size: width, num_attention_heads: heads } = config;
    const project = (input: Tensor, part: string) => splitHeads(linear(g, input, width, part), heads);
    const [q, k, v] = [project(placed, "q_proj"), project(placed, "k_proj"), project(tokens, "v_proj")];
    return linear(g, mergeHeads(attention(q, k, v, { mask: tokenMask })), width, "out_proj");
  });
  let x = layerNorm(g, isFirst ? self : add(tokens, self), "layer_norm1", { epsilon });

  const placedCells = add(cells, positions);
  const asked = { queries: add(x, tokenPositions), keys: placedCells, values: cells };
  const looked = tokensToPicture(g, "cross_attn_token_to_image", asked, crossed);
  x = layerNorm(g, add(x, looked), "layer_norm2", { epsilon });

  const hidden = g.within("mlp", () => {
    const inner = activation(config.hidden_act)(linear(g, x, config.mlp_dim, "lin1"));
    return linear(g, inner, config.hidden_size, "lin2");
  });
  x = layerNorm(g, add(x, hidden), "layer_norm3", { epsilon });

  const asking = { queries: placedCells, keys: add(x, tokenPositions), values: x, mask: tokenMask };
  const told = pictureToTokens(g, "cross_attn_image_to_token", asking, crossed);
  return { tokens: x, cells: layerNorm(g, add(cells, told), "layer_norm4", { epsilon }) };
}
