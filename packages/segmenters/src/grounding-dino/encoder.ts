import { add, layerNorm, linear, relu, type Graph, type Tensor } from "@pixelvla/core";
import { multiheadAttention } from "./attention.ts";
import type { GroundingDinoConfig } from "./config.ts";
import { deformableAttention, type SamplingCentres } from "./deformable-attention.ts";
import { fusionLayer, type FusionMasks, type Modalities } from "./fusion.ts";
import type { SamplingGrid } from "./sampling-grid.ts";

export interface EncoderInputs extends Modalities {
  /** `[N, D]`, sine code of each place plus its level's embedding. */
  readonly visionPositions: Tensor;
  /** `[T, D]`, sine code of each token's place in its phrase. */
  readonly textPositions: Tensor;
  /** Additive `[T, T]`: tokens see their own phrase only. */
  readonly textAttention: Tensor;
  readonly masks: FusionMasks;
  /** `[N, 1]`, 1 inside the picture; undefined where nothing is padding. */
  readonly valid: Tensor | undefined;
  readonly centres: SamplingCentres;
  readonly grid: SamplingGrid;
}

/**
 * The feature enhancer: each layer fuses picture and text, then lets tokens see their phrase and places their surroundings.
 *
 * Source: Grounding DINO §3.2; names of transformers' `GroundingDinoEncoder`.
 */
export function featureEnhancer(g: Graph, inputs: EncoderInputs, config: GroundingDinoConfig): Modalities {
  let state: Modalities = inputs;
  for (let i = 0; i < config.encoder_layers; i++) {
    state = g.within(`layers.${i}`, () => {
      const fused = g.within("fusion_layer", () =>
        fusionLayer(g, state, inputs.masks, config.encoder_attention_heads / 2, config.encoder_ffn_dim / 2),
      );
      return {
        text: g.within("text_enhancer_layer", () => textLayer(g, fused.text, inputs, config)),
        vision: g.within("deformable_layer", () => visionLayer(g, fused.vision, inputs, config)),
      };
    });
  }
  return state;
}

/** Self-attention within phrases, post-norm. */
function textLayer(g: Graph, text: Tensor, inputs: EncoderInputs, config: GroundingDinoConfig): Tensor {
  const epsilon = config.layer_norm_eps;
  const queries = add(text, inputs.textPositions);
  const attended = multiheadAttention(
    g,
    { queries, keys: queries, values: text, mask: inputs.textAttention },
    config.encoder_attention_heads / 2,
    "self_attn",
  );
  const middle = layerNorm(g, add(text, attended), "layer_norm_before", { epsilon });
  const hidden = feedForward(g, middle, config.encoder_ffn_dim / 2);
  return layerNorm(g, add(hidden, middle), "layer_norm_after", { epsilon });
}

/** Deformable self-attention over all levels, post-norm. */
function visionLayer(g: Graph, vision: Tensor, inputs: EncoderInputs, config: GroundingDinoConfig): Tensor {
  const epsilon = config.layer_norm_eps;
  const attended = deformableAttention(
    g,
    { queries: add(vision, inputs.visionPositions), values: vision, valid: inputs.valid },
    inputs.centres,
    inputs.grid,
    "self_attn",
  );
  const middle = layerNorm(g, add(vision, attended), "self_attn_layer_norm", { epsilon });
  const hidden = feedForward(g, middle, config.encoder_ffn_dim);
  return layerNorm(g, add(middle, hidden), "final_layer_norm", { epsilon });
}

/** Two linear layers with ReLU between; parameters `fc1`, `fc2`. */
export function feedForward(g: Graph, x: Tensor, inner: number): Tensor {
  return linear(g, relu(linear(g, x, inner, "fc1")), x.shape[1]!, "fc2");
}
