import { add, gather, layerNorm, mul, reshape, sigmoid, slice, sub, type Graph, type Tensor } from "@pixelvla/core";
import { multiheadAttention } from "./attention.ts";
import type { GroundingDinoConfig } from "./config.ts";
import { deformableAttention, type SamplingCentres } from "./deformable-attention.ts";
import { feedForward } from "./encoder.ts";
import type { Modalities } from "./fusion.ts";
import { boxHead, inverseSigmoid, predictionHead, tokenLogits } from "./query-selection.ts";
import type { SamplingGrid } from "./sampling-grid.ts";
import { boxSineCode } from "./sine-embedding.ts";

export interface DecoderInputs extends Modalities {
  /** `[Q, 4]`, boxes the queries start from. */
  readonly boxes: Tensor;
  /** `[T]`, added to logits: 0, or a large negative number for padding. */
  readonly textMask: Tensor;
  readonly valid: Tensor | undefined;
  /** `[L, 2]`: part of each level's width and height that is picture. */
  readonly validRatios: Tensor;
  readonly grid: SamplingGrid;
}

/** Token logits `[Q, T]` and boxes `[Q, 4]` (centre and size in [0, 1] of the picture) of the last layer. */
export interface Predictions {
  readonly logits: Tensor;
  readonly boxes: Tensor;
}

/**
 * Cross-modality decoder with iterative box refinement: queries see one another, the text, then the picture around
 * their current box; each layer moves the boxes.
 *
 * Source: Grounding DINO §3.4; names of transformers' `GroundingDinoDecoder` and `GroundingDinoForObjectDetection`.
 */
export function decode(g: Graph, inputs: DecoderInputs, config: GroundingDinoConfig): Predictions {
  const { d_model: width, num_queries: nQueries } = config;
  let boxes = inputs.boxes;
  let refined = boxes;
  let x = g.within("model.query_position_embeddings", () =>
    g.parameter("weight", [nQueries, width], { kind: "normal", std: 1 }),
  );
  for (let i = 0; i < config.decoder_layers; i++) {
    boxes = refined;
    x = g.within("model.decoder", () => {
      const seen = mul(boxes, scaleOf(inputs.validRatios));
      const code = boxSineCode(g, seen, width / 2);
      const head = () => predictionHead(g, code, [width, width], "reference_points_head");
      const positions = i === 0 ? head() : g.reusing(head);
      return g.within(`layers.${i}`, () => decoderLayer(g, x, positions, boxes, inputs, config));
    });
    const shared = config.decoder_bbox_embed_share;
    const move = () => boxHead(g, x, `bbox_embed.${shared ? 0 : i}`);
    // The last layer's box comes from normalised features, the others' from the features as they are.
    if (i + 1 < config.decoder_layers) {
      const delta = shared && i > 0 ? g.reusing(move) : move();
      refined = sigmoid(add(delta, inverseSigmoid(boxes)));
    }
  }
  const features = g.within("model.decoder", () => layerNorm(g, x, "layer_norm", { epsilon: config.layer_norm_eps }));
  const last = config.decoder_layers - 1;
  const finalMove = () => boxHead(g, features, `bbox_embed.${config.decoder_bbox_embed_share ? 0 : last}`);
  const delta = config.decoder_bbox_embed_share && last > 0 ? g.reusing(finalMove) : finalMove();
  return {
    logits: tokenLogits(features, inputs.text, inputs.textMask),
    boxes: sigmoid(add(delta, inverseSigmoid(boxes))),
  };
}

/** Ratios of the first level for x, y, w, h: `[1, 4]`. */
const scaleOf = (ratios: Tensor): Tensor => {
  const first = slice(ratios, 0, 0, 1);
  return reshape(gather(first, first.graph.constant("int64", [4], BigInt64Array.of(0n, 1n, 0n, 1n)), 1), [1, 4]);
};

function decoderLayer(
  g: Graph,
  x: Tensor,
  positions: Tensor,
  boxes: Tensor,
  inputs: DecoderInputs,
  config: GroundingDinoConfig,
): Tensor {
  const epsilon = config.layer_norm_eps;
  const heads = config.decoder_attention_heads;
  const { text, vision, textMask, valid, grid } = inputs;
  const placed = add(x, positions);
  const seen = multiheadAttention(g, { queries: placed, keys: placed, values: x }, heads, "self_attn");
  const first = layerNorm(g, add(x, seen), "self_attn_layer_norm", { epsilon });
  const told = multiheadAttention(
    g,
    { queries: add(first, positions), keys: text, values: text, mask: textMask },
    heads,
    "encoder_attn_text",
  );
  const second = layerNorm(g, add(first, told), "encoder_attn_text_layer_norm", { epsilon });
  const looked = deformableAttention(
    g,
    { queries: add(second, positions), values: vision, valid },
    boxCentres(boxes, inputs.validRatios, grid),
    grid,
    "encoder_attn",
  );
  const third = layerNorm(g, add(second, looked), "encoder_attn_layer_norm", { epsilon });
  return layerNorm(g, add(third, feedForward(g, third, config.decoder_ffn_dim)), "final_layer_norm", { epsilon });
}

/** Samples spread over each query's box: centre, and half a box over the number of points per unit of offset. */
function boxCentres(boxes: Tensor, ratios: Tensor, grid: SamplingGrid): SamplingCentres {
  const column = (i: number) => slice(boxes, 1, i, i + 1); // [Q, 1]
  const size = (axis: number, cells: Tensor) => {
    const ratio = gather(slice(ratios, 1, axis, axis + 1), grid.levelOf, 0); // [K, 1]
    return mul(reshape(ratio, cells.shape), cells); // [1, K]
  };
  const [across, down] = [size(0, grid.columns), size(1, grid.rows)];
  const spread = 0.5 / grid.points;
  return {
    x: sub(mul(column(0), across), 0.5),
    y: sub(mul(column(1), down), 0.5),
    spreadX: mul(mul(column(2), across), spread),
    spreadY: mul(mul(column(3), down), spread),
  };
}
