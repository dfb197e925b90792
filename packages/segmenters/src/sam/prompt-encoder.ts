import {
  add,
  concat,
  conv,
  cos,
  div,
  equal,
  layerNorm,
  matmul,
  mul,
  reshape,
  sin,
  sub,
  transpose,
  transposeLast,
  where,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { gridSide, type SamConfig } from "./config.ts";
import { activation } from "./image-encoder.ts";

/** What a prompt slot holds. `unused` slots take no part in anything. */
export const SAM_LABEL = {
  unused: -10,
  notAPoint: -1,
  negative: 0,
  positive: 1,
  boxTopLeft: 2,
  boxBottomRight: 3,
} as const;

/**
 * Sparse embeddings `[1, P, C]`: points `[P, 2]` (x, y in the model's pixels) and labels `[P]` of `SAM_LABEL`.
 *
 * Source: SAM's `PromptEncoder`; names of transformers' `SamPromptEncoder`.
 */
export function embedPoints(g: Graph, points: Tensor, labels: Tensor, config: SamConfig): Tensor {
  const count = labels.shape[0]!;
  const width = config.prompt_encoder_config.hidden_size;
  const column = reshape(labels, [count, 1]);
  const row = (name: string) => g.parameter(name, [1, width], { kind: "normal", std: 1 });
  const centred = div(add(points, 0.5), config.vision_config.image_size);
  return g.within("prompt_encoder", () => {
    const notAPoint = row("not_a_point_embed.weight");
    let embedded = where(equal(column, SAM_LABEL.notAPoint), notAPoint, positionFeatures(g, centred, config));
    for (const label of [SAM_LABEL.negative, SAM_LABEL.positive, SAM_LABEL.boxTopLeft, SAM_LABEL.boxBottomRight])
      embedded = add(embedded, where(equal(column, label), row(`point_embed.${label}.weight`), 0));
    return reshape(embedded, [1, count, width]);
  });
}

/** Position features of the embedding's cells `[1, N, C]`; a constant once weights are known. */
export function imagePositions(g: Graph, config: SamConfig): Tensor {
  const grid = gridSide(config.vision_config);
  const centres = new Float32Array(grid * grid * 2);
  for (let i = 0; i < grid * grid; i++) {
    centres[2 * i] = ((i % grid) + 0.5) / grid;
    centres[2 * i + 1] = (Math.floor(i / grid) + 0.5) / grid;
  }
  const cells = g.constant("float32", [grid * grid, 2], centres);
  const features = g.within("prompt_encoder", () => positionFeatures(g, cells, config));
  return reshape(features, [1, grid * grid, features.shape[1]!]);
}

/** Sine and cosine of 2 pi (2 c - 1) G for positions c in [0, 1] `[M, 2]` -> `[M, C]`. */
function positionFeatures(g: Graph, positions: Tensor, { vision_config: { num_pos_feats } }: SamConfig): Tensor {
  const gaussian = g.within("shared_embedding", () =>
    g.reusing(() => g.parameter("positional_embedding", [2, num_pos_feats], { kind: "normal", std: 1 })),
  );
  const angles = mul(matmul(sub(mul(positions, 2), 1), gaussian), 2 * Math.PI);
  return concat([sin(angles), cos(angles)], -1);
}

/** The embedding that stands for "no mask prompt", `[1, 1, C]`. */
export function noMask(g: Graph, { prompt_encoder_config: { hidden_size: width } }: SamConfig): Tensor {
  const row = g.within("prompt_encoder", () =>
    g.parameter("no_mask_embed.weight", [1, width], { kind: "normal", std: 1 }),
  );
  return reshape(row, [1, 1, width]);
}

/** Dense embedding `[1, N, C]` of mask logits `[1, 1, 4 grid, 4 grid]`: a rough mask, or the low-resolution logits of an earlier answer. */
export function embedMask(g: Graph, logits: Tensor, { prompt_encoder_config: config }: SamConfig): Tensor {
  const { hidden_size: width, mask_input_channels: channels, layer_norm_eps: epsilon } = config;
  const act = activation(config.hidden_act);
  return g.within("prompt_encoder", () =>
    g.within("mask_embed", () => {
      let x = convolve(g, logits, channels / 4, 2, "conv1");
      x = act(channelNorm(g, x, "layer_norm1", epsilon));
      x = convolve(g, x, channels, 2, "conv2");
      x = act(channelNorm(g, x, "layer_norm2", epsilon));
      x = convolve(g, x, width, 1, "conv3");
      const cells = x.shape[2]! * x.shape[3]!;
      return transposeLast(reshape(x, [1, width, cells]));
    }),
  );
}

function convolve(g: Graph, x: Tensor, outputs: number, kernel: number, name: string): Tensor {
  const channels = x.shape[1]!;
  const bound = 1 / Math.sqrt(channels * kernel * kernel);
  return g.within(name, () => {
    const weight = g.parameter("weight", [outputs, channels, kernel, kernel], { kind: "uniform", bound });
    const bias = g.parameter("bias", [outputs], { kind: "zeros" });
    return conv(x, weight, bias, { strides: [kernel, kernel] });
  });
}

/** Layer normalisation over the channels of `[1, C, H, W]`. */
function channelNorm(g: Graph, x: Tensor, name: string, epsilon: number): Tensor {
  return transpose(layerNorm(g, transpose(x, [0, 2, 3, 1]), name, { epsilon }), [0, 3, 1, 2]);
}
