import {
  add,
  at,
  conv,
  layerNorm,
  linear,
  pad,
  reduceMax,
  reshape,
  resizeImage,
  slice,
  transpose,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import type { HieraConfig } from "../config.ts";
import { attend, feedForward } from "./layers.ts";

/**
 * SAM 2's Hiera: patches of stride 4, windowed and a few global attention blocks, query pooling between stages.
 * Picture `[B, 3, S, S]` -> the last hidden state of each stage `[B, Hi, Wi, Di]`, fine to coarse.
 *
 * Source: transformers `Sam2HieraDetModel`, names and numerics.
 */
export function hieraStages(g: Graph, image: Tensor, config: HieraConfig): Tensor[] {
  let x = add(patches(g, image, config), positions(g, image, config));
  const stages: Tensor[] = [];
  let index = 0;
  config.blocks.forEach((nBlocks, stage) => {
    for (let i = 0; i < nBlocks; i++, index++) {
      const name = `blocks.${index}`;
      const first = i === 0 && stage > 0;
      const window = config.globalBlocks.includes(index) ? 0 : config.windows[first ? stage - 1 : stage]!;
      const pool = first && stage <= config.nPoolStages ? config.queryStride : 1;
      x = g.within(name, () => block(g, x, { config, stage, window, pool }));
    }
    stages.push(x);
  });
  return stages;
}

function patches(g: Graph, image: Tensor, config: HieraConfig): Tensor {
  const { patchKernel: k, patchStride, patchPadding: p, widths } = config;
  return g.within("patch_embed.projection", () => {
    const weight = g.parameter("weight", [widths[0]!, 3, k, k], { kind: "uniform", bound: 1 / Math.sqrt(3 * k * k) });
    const bias = g.parameter("bias", [widths[0]!], { kind: "zeros" });
    const x = conv(image, weight, bias, { strides: [patchStride, patchStride], pads: [p, p, p, p] });
    return transpose(x, [0, 2, 3, 1]); // [B, H, W, D]
  });
}

/** The global embedding, resized to the grid, plus one window's embedding in every window: `[1, H, W, D]`. */
function positions(g: Graph, image: Tensor, config: HieraConfig): Tensor {
  const [d, w] = [config.widths[0]!, config.windows[0]!];
  const side = Math.floor((image.shape[2]! + 2 * config.patchPadding - config.patchKernel) / config.patchStride) + 1;
  const channelsLast = (name: string, shape: number[]) =>
    transpose(g.parameter(name, shape, { kind: "normal", std: 0.02 }), [0, 2, 3, 1]);
  const whole = resizeImage(channelsLast("pos_embed", [1, d, ...config.positionSize]), side, side, {
    kernel: "bicubic",
  });
  const window = channelsLast("pos_embed_window", [1, d, w, w]);
  const windows = reshape(whole, [1, side / w, w, side / w, w, d]);
  return reshape(add(windows, reshape(window, [1, 1, w, 1, w, d])), [1, side, side, d]);
}

interface BlockSite {
  readonly config: HieraConfig;
  readonly stage: number;
  /** Side of the attention window in tokens; 0 attends globally. */
  readonly window: number;
  readonly pool: number;
}

function block(g: Graph, x: Tensor, { config, stage, window, pool }: BlockSite): Tensor {
  const { epsilon, activation, mlpRatio } = config;
  const width = config.widths[stage]!;
  const normed = layerNorm(g, x, "layer_norm1", { epsilon });
  const residual = x.shape[3] === width ? x : maxPool(linear(g, normed, width, "proj"), pool);
  const [b, h, w] = normed.shape as [number, number, number];
  const side = window === 0 ? undefined : window;
  const windows = side === undefined ? normed : toWindows(normed, side); // [B * n, s, s, D]
  const attended = g.within("attn", () => windowAttention(g, windows, width, config.heads[stage]!, pool));
  const whole =
    side === undefined ? attended : fromWindows(attended, b, Math.ceil(h / side), Math.ceil(w / side), residual.shape);
  const y = add(residual, whole);
  const hidden = Math.trunc(width * mlpRatio);
  return add(
    y,
    feedForward(g, layerNorm(g, y, "layer_norm2", { epsilon }), "mlp", {
      hidden,
      output: width,
      layers: 2,
      activation,
    }),
  );
}

/** Attention inside each of `[N, h, w, C]` with pooled queries -> `[N, h / pool, w / pool, width]`. */
function windowAttention(g: Graph, x: Tensor, width: number, heads: number, pool: number): Tensor {
  const [n, h, w] = x.shape as [number, number, number];
  const qkv = reshape(linear(g, x, 3 * width, "qkv"), [n, h * w, 3, width]);
  const [q, k, v] = [0, 1, 2].map((i) => at(qkv, 2, i)) as [Tensor, Tensor, Tensor];
  const pooled = maxPool(reshape(q, [n, h, w, width]), pool);
  const [ph, pw] = [pooled.shape[1]!, pooled.shape[2]!];
  const attended = attend(reshape(pooled, [n, ph * pw, width]), k, v, heads);
  return linear(g, reshape(attended, [n, ph, pw, width]), width, "proj");
}

/** Largest of each `size` x `size` cell of `[B, H, W, C]`; rows and columns that fill no cell are dropped. */
export function maxPool(x: Tensor, size: number): Tensor {
  if (size === 1) return x;
  const [b, h, w, c] = x.shape as [number, number, number, number];
  const [rows, columns] = [Math.floor(h / size), Math.floor(w / size)];
  const kept = slice(slice(x, 1, 0, rows * size), 2, 0, columns * size);
  // One adjacent axis at a time, which runtimes reduce without transposing.
  const lower = reduceMax(reshape(kept, [b * rows, size, columns * size * c]), [1]);
  return reshape(reduceMax(reshape(lower, [b * rows * columns, size, c]), [1]), [b, rows, columns, c]);
}

/** `[B, H, W, C]` -> `[B * nh * nw, side, side, C]`, padded with zeros below and right to whole windows. */
function toWindows(x: Tensor, side: number): Tensor {
  const [b, h, w, c] = x.shape as [number, number, number, number];
  const [nh, nw] = [Math.ceil(h / side), Math.ceil(w / side)];
  const [below, right] = [nh * side - h, nw * side - w];
  const whole =
    below + right === 0
      ? x
      : pad(x, [
          [0, 0],
          [0, below],
          [0, right],
          [0, 0],
        ]);
  const cells = transpose(reshape(whole, [b, nh, side, nw, side, c]), [0, 1, 3, 2, 4, 5]);
  return reshape(cells, [b * nh * nw, side, side, c]);
}

/** The inverse of `toWindows`, cut to the height and width of `target`. */
function fromWindows(x: Tensor, b: number, nh: number, nw: number, target: readonly number[]): Tensor {
  const [, side, , c] = x.shape as [number, number, number, number];
  const rows = transpose(reshape(x, [b, nh, nw, side, side, c]), [0, 1, 3, 2, 4, 5]);
  const whole = reshape(rows, [b, nh * side, nw * side, c]);
  return slice(slice(whole, 1, 0, target[1]), 2, 0, target[2]);
}
