import {
  add,
  gather,
  gemm,
  layerNorm,
  linear,
  log,
  max,
  min,
  mul,
  reduceMax,
  relu,
  sigmoid,
  sub,
  topK,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import type { GroundingDinoConfig } from "./config.ts";
import type { Modalities } from "./fusion.ts";

/** A grid of candidate boxes, one per place of the picture. */
export interface Proposals {
  /** `[N, 4]` centre and size before the sigmoid. */
  readonly logits: Tensor;
  /** `[N, 1]`: 1 where the candidate lies well inside the picture. */
  readonly usable: Tensor;
}

/**
 * Language-guided query selection: the `num_queries` places whose features fit some token best, and their boxes
 * `[Q, 4]` in [0, 1]. Boxes are computed for the chosen places only.
 *
 * Source: Grounding DINO §3.3; names of transformers' `GroundingDinoModel` (`enc_output`, ...).
 */
export function selectQueries(
  g: Graph,
  { vision, text }: Modalities,
  proposals: Proposals,
  textMask: Tensor,
  config: GroundingDinoConfig,
): Tensor {
  const width = config.d_model;
  const epsilon = config.layer_norm_eps;
  const projected = linear(g, mul(vision, proposals.usable), width, "enc_output");
  const places = layerNorm(g, projected, "enc_output_norm", { epsilon });
  const best = reduceMax(tokenLogits(places, text, textMask), [1]); // [N]
  const { indices } = topK(best, config.num_queries);
  const delta = boxHead(g, gather(places, indices, 0), "encoder_output_bbox_embed");
  return sigmoid(add(delta, gather(proposals.logits, indices, 0)));
}

/** Contrastive class head: features `[Q, D]` against tokens `[T, D]` -> logits `[Q, T]`; `textMask` `[T]` is added. */
export function tokenLogits(features: Tensor, text: Tensor, textMask: Tensor): Tensor {
  return gemm(features, text, textMask, 0, 1);
}

/** Three linear layers with ReLU: `[Q, D]` -> box logits `[Q, 4]`. */
export function boxHead(g: Graph, x: Tensor, name: string): Tensor {
  return predictionHead(g, x, [x.shape[1]!, x.shape[1]!, 4], name);
}

/** Linear layers with ReLU between; `GroundingDinoMLPPredictionHead`. */
export function predictionHead(g: Graph, x: Tensor, widths: readonly number[], name: string): Tensor {
  return g.within(name, () =>
    widths.reduce((hidden, width, i) => linear(g, i === 0 ? hidden : relu(hidden), width, `layers.${i}`), x),
  );
}

/** Inverse of the sigmoid with values kept 1e-5 away from 0 and 1. */
export function inverseSigmoid(x: Tensor): Tensor {
  const kept = min(max(x, 1e-5), 1 - 1e-5);
  return sub(log(kept), log(sub(1, kept)));
}
