import {
  add,
  concat,
  gather,
  gelu,
  gemm,
  layerNorm,
  linear,
  matmul,
  mergeHeads,
  mul,
  reshape,
  softmax,
  splitHeads,
  transpose,
  transposeLast,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import type { SwinConfig } from "./config.ts";
import { mergedPatches, relativePositions, swinWindows } from "./swin-windows.ts";

/** One map of the backbone as tokens `[rows * columns, C]`. */
export interface SwinMap {
  readonly tokens: Tensor;
  readonly rows: number;
  readonly columns: number;
}

/**
 * Swin backbone: normalised pixels `[3, H, W]` (H and W multiples of the patch) -> the maps of `out_indices`, each
 * after its own norm. One picture; windows are the batch of the attention.
 *
 * Source: Swin Transformer; names of transformers' `SwinBackbone` as published (`encoder.layers.0.blocks.0...`).
 */
export function swinBackbone(g: Graph, pixels: Tensor, config: SwinConfig): SwinMap[] {
  let map = g.within("embeddings", () => patchEmbedding(g, pixels, config));
  const maps: SwinMap[] = [];
  const last = Math.max(...config.out_indices);
  for (let stage = 0; stage < last; stage++) {
    map = g.within(`encoder.layers.${stage}`, () => {
      for (let block = 0; block < config.depths[stage]!; block++) {
        const shift = block % 2 === 0 ? 0 : Math.floor(config.window_size / 2);
        const tokens = g.within(`blocks.${block}`, () => swinBlock(g, map, config.num_heads[stage]!, shift, config));
        map = { ...map, tokens };
      }
      return map;
    });
    if (config.out_indices.includes(stage + 1)) {
      maps.push({ ...map, tokens: layerNorm(g, map.tokens, `hidden_states_norms.stage${stage + 1}`) });
    }
    if (stage + 1 < last) map = g.within(`encoder.layers.${stage}.downsample`, () => patchMerging(g, map));
  }
  return maps;
}

function patchEmbedding(g: Graph, pixels: Tensor, { patch_size: patch, embed_dim: width }: SwinConfig): SwinMap {
  const [c, height, widthPx] = pixels.shape as [number, number, number];
  const [rows, columns] = [height / patch, widthPx / patch];
  const fan = c * patch * patch;
  const cells = transpose(reshape(pixels, [c, rows, patch, columns, patch]), [1, 3, 0, 2, 4]); // [rows, columns, C, p, p]
  const projected = g.within("patch_embeddings.projection", () => {
    const weight = g.parameter("weight", [width, c, patch, patch], { kind: "normal", std: fan ** -0.5 });
    const bias = g.parameter("bias", [width], { kind: "zeros" });
    return gemm(reshape(cells, [rows * columns, fan]), reshape(weight, [width, fan]), bias, 0, 1);
  });
  return { tokens: layerNorm(g, projected, "norm"), rows, columns };
}

/** Pre-norm block: windowed attention, then an MLP. Tokens `[N, C]`. */
function swinBlock(g: Graph, { tokens, rows, columns }: SwinMap, heads: number, shift: number, config: SwinConfig) {
  const width = tokens.shape[1]!;
  const epsilon = config.layer_norm_eps;
  const windows = swinWindows(rows, columns, config.window_size, shift);
  const { nWindows, area } = windows;
  const normed = layerNorm(g, tokens, "layernorm_before", { epsilon });
  const source = windows.padded ? withZeroRow(g, normed) : normed;
  const windowed = reshape(gather(source, indices(g, windows.tokenOf), 0), [nWindows, area, width]);
  const attended = g.within("attention", () => {
    const project = (name: string) => splitHeads(linear(g, windowed, width, name, { bias: config.qkv_bias }), heads);
    const context = g.within("self", () => {
      const [q, k, v] = [project("query"), project("key"), project("value")]; // [nWindows, heads, area, C / heads]
      let logits = matmul(mul(q, (width / heads) ** -0.5), transposeLast(k));
      logits = add(logits, positionBias(g, heads, config.window_size));
      if (windows.mask !== undefined) {
        logits = add(logits, g.constant("float32", [nWindows, 1, area, area], windows.mask));
      }
      return mergeHeads(matmul(softmax(logits), v));
    });
    return linear(g, context, width, "output.dense");
  });
  const back = gather(reshape(attended, [nWindows * area, width]), indices(g, windows.positionOf), 0);
  const middle = add(tokens, back);
  const hidden = layerNorm(g, middle, "layernorm_after", { epsilon });
  const up = gelu(linear(g, hidden, Math.trunc(width * config.mlp_ratio), "intermediate.dense"));
  return add(middle, linear(g, up, width, "output.dense"));
}

/** `[1, heads, area, area]` looked up in the learned table. */
function positionBias(g: Graph, heads: number, size: number): Tensor {
  const area = size * size;
  const table = g.parameter("relative_position_bias_table", [(2 * size - 1) ** 2, heads], {
    kind: "normal",
    std: 0.02,
  });
  const pairs = gather(table, indices(g, relativePositions(size)), 0); // [area * area, heads]
  return reshape(transpose(pairs, [1, 0]), [1, heads, area, area]);
}

/** Joins 2 x 2 tokens: `[N, C]` -> `[N / 4, 2 C]`. */
function patchMerging(g: Graph, { tokens, rows, columns }: SwinMap): SwinMap {
  const width = tokens.shape[1]!;
  const odd = rows % 2 === 1 || columns % 2 === 1;
  const joined = gather(odd ? withZeroRow(g, tokens) : tokens, indices(g, mergedPatches(rows, columns)), 0);
  const [down, across] = [Math.ceil(rows / 2), Math.ceil(columns / 2)];
  const normed = layerNorm(g, reshape(joined, [down * across, 4 * width]), "norm");
  return { tokens: linear(g, normed, 2 * width, "reduction", { bias: false }), rows: down, columns: across };
}

/** Appends a row of zeros, which padding indices point at. */
function withZeroRow(g: Graph, tokens: Tensor): Tensor {
  const width = tokens.shape[1]!;
  return concat([tokens, g.constant("float32", [1, width], new Float32Array(width))], 0);
}

const indices = (g: Graph, values: BigInt64Array) => g.constant("int64", [values.length], values);
