import {
  add,
  conv,
  gelu,
  layerNorm,
  linear,
  matmul,
  patchEmbed,
  relu,
  reshape,
  transpose,
  transposeLast,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { gridSide, type SamVisionConfig } from "./config.ts";
import { visionAttention } from "./vision-attention.ts";

/**
 * SAM's image encoder: normalised pixels `[1, 3, S, S]` -> embedding `[N, C]`, the grid's cells row-major (transformers'
 * `[1, C, grid, grid]` with the channels last). Parameters have transformers' names below `vision_encoder`.
 *
 * Source: SAM (Kirillov et al. 2023), ViTDet backbone; transformers' `SamVisionEncoder`.
 */
export function buildImageEncoder(g: Graph, pixels: Tensor, config: SamVisionConfig): Tensor {
  const grid = gridSide(config);
  const { hidden_size: width, window_size, global_attn_indexes } = config;
  return g.within("vision_encoder", () => {
    const image = transpose(pixels, [0, 2, 3, 1]);
    const patches = g.within("patch_embed", () => patchEmbed(g, image, config.patch_size, width, "projection"));
    let x = reshape(patches, [grid * grid, width]);
    if (config.use_abs_pos) {
      const positions = g.parameter("pos_embed", [1, grid, grid, width], { kind: "zeros" });
      x = add(x, reshape(positions, [grid * grid, width]));
    }
    for (let i = 0; i < config.num_hidden_layers; i++) {
      const isGlobal = window_size === 0 || global_attn_indexes.includes(i);
      x = g.within(`layers.${i}`, () => encoderLayer(g, x, config, { grid, side: isGlobal ? grid : window_size }));
    }
    return g.within("neck", () => neck(g, x, grid, config));
  });
}

function encoderLayer(g: Graph, x: Tensor, config: SamVisionConfig, windows: { grid: number; side: number }): Tensor {
  const { hidden_size: width, mlp_ratio, layer_norm_eps: epsilon } = config;
  const mlpWidth = config.mlp_dim ?? Math.trunc(width * mlp_ratio);
  const normalised = layerNorm(g, x, "layer_norm1", { epsilon });
  const attended = g.within("attn", () => visionAttention(g, normalised, config, windows));
  const mixed = add(x, attended);
  const hidden = layerNorm(g, mixed, "layer_norm2", { epsilon });
  return add(
    mixed,
    g.within("mlp", () => linear(g, activation(config.hidden_act)(linear(g, hidden, mlpWidth, "lin1")), width, "lin2")),
  );
}

/** 1 x 1 convolution, norm, 3 x 3 convolution, norm: `[N, D]` -> `[N, C]`. */
function neck(
  g: Graph,
  x: Tensor,
  grid: number,
  { hidden_size: width, output_channels: channels }: SamVisionConfig,
): Tensor {
  const fan = (size: number) => ({ kind: "uniform", bound: 1 / Math.sqrt(size) }) as const;
  const reduce = g.within("conv1", () => g.parameter("weight", [channels, width, 1, 1], fan(width)));
  const reduced = matmul(x, transposeLast(reshape(reduce, [channels, width])));
  const first = layerNorm(g, reduced, "layer_norm1", { epsilon: 1e-6 });
  const kernel = g.within("conv2", () => g.parameter("weight", [channels, channels, 3, 3], fan(channels * 9)));
  const planes = reshape(transposeLast(first), [1, channels, grid, grid]);
  const mixed = conv(planes, kernel, undefined, { pads: [1, 1, 1, 1] });
  const rows = transposeLast(reshape(mixed, [channels, grid * grid]));
  return layerNorm(g, rows, "layer_norm2", { epsilon: 1e-6 });
}

/** The activation that a configuration names. */
export function activation(name: "gelu" | "relu"): (x: Tensor) => Tensor {
  return name === "gelu" ? (x) => gelu(x) : relu;
}
