import {
  add,
  concat,
  expand,
  gelu,
  layerNorm,
  linear,
  mul,
  patchEmbed,
  reshape,
  slice,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import type { PositionInit } from "./position-table.ts";
import { TIMM_NAMES, type VitNames } from "./vit-names.ts";

/** Channel means and deviations DINOv2 was trained with. */
export const IMAGENET_STATISTICS = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Geometry of a plain vision transformer, with the names of one public checkpoint's parameters. */
export interface VitConfig {
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  readonly mlpWidth: number;
  readonly patch: number;
  /** Class and register tokens before the patches: 0 or 1 class plus registers. */
  readonly registers: number;
  readonly classToken: boolean;
  readonly layerScale: boolean;
  readonly activation: "erf" | "tanh";
  /** How the position table starts from scratch; a table of Hugging Face's layout always starts normal. */
  readonly positionInit: PositionInit;
  readonly epsilon: number;
  /** Whose parameter names; default timm's. */
  readonly names?: VitNames;
}

/**
 * Runs the first `blocks` blocks of a vision transformer on a normalised image `[B, H, W, 3]`, without the final norm.
 * Returns the patch tokens `[B, N, D]` after each block of `taps` (0-based), prefix tokens dropped.
 */
export function vitFeatures(g: Graph, image: Tensor, config: VitConfig, taps: readonly number[]): Tensor[] {
  const [b] = image.shape as [number, number, number, number];
  const { width, patch, classToken, registers, names = TIMM_NAMES } = config;
  const patches = patchEmbed(g, image, patch, width, names.patches);
  const n = patches.shape[1]!;
  const table = names.positions(g, n, width, config.positionInit);
  let x = add(patches, table.patches);
  const prefix: Tensor[] = [];
  if (classToken) {
    const token = g.parameter(names.classToken, [1, 1, width], { kind: "normal", std: 0.02 });
    prefix.push(table.classToken === undefined ? token : add(token, table.classToken));
  }
  if (registers > 0) prefix.push(g.parameter(names.registers, [1, registers, width], { kind: "normal", std: 0.02 }));
  const prefixLength = (classToken ? 1 : 0) + registers;
  if (prefix.length > 0) x = concat([...prefix.map((t) => expand(t, [b, ...t.shape.slice(1)])), x], 1);

  const last = Math.max(...taps);
  const tapped = new Map<number, Tensor>();
  for (let i = 0; i <= last; i++) {
    x = g.within(`${names.blocks}.${i}`, () => vitBlock(g, x, config));
    if (taps.includes(i)) tapped.set(i, slice(x, 1, prefixLength));
  }
  return taps.map((i) => tapped.get(i)!);
}

/** Pre-norm block: x += ls1 Attn(LN x); x += ls2 MLP(LN x). */
function vitBlock(g: Graph, x: Tensor, config: VitConfig): Tensor {
  const { width, heads, mlpWidth, layerScale, activation, epsilon, names = TIMM_NAMES } = config;
  const scale = (branch: Tensor, name: string) =>
    layerScale ? mul(branch, g.parameter(name, [width], { kind: "constant", value: layerScaleStart })) : branch;

  const attended = names.attention(g, layerNorm(g, x, "norm1", { epsilon }), width, heads);
  const middle = add(x, scale(attended, names.scale1));
  const hidden = layerNorm(g, middle, "norm2", { epsilon });
  const mlp = g.within("mlp", () => {
    const up = gelu(linear(g, hidden, mlpWidth, "fc1"), activation === "tanh" ? "tanh" : "none");
    return linear(g, up, width, "fc2");
  });
  return add(middle, scale(mlp, names.scale2));
}

/** LayerScale begins small in DINOv2 (1e-5); small policies trained from scratch need their blocks alive. */
const layerScaleStart = 0.1;

/** (image - mean) / std per channel; image `[B, H, W, 3]` in [0, 1]. */
export function normaliseImage(g: Graph, image: Tensor, mean: readonly number[], std: readonly number[]): Tensor {
  const scale = g.constant(
    "float32",
    [3],
    Float32Array.from(std, (s) => 1 / s),
  );
  const shift = g.constant(
    "float32",
    [3],
    Float32Array.from(mean, (m, i) => -m / std[i]!),
  );
  return add(mul(image, scale), shift);
}

/** Tokens `[B, N, D]` as a square map `[B, h, w, D]`. */
export function toMap(tokens: Tensor, rows: number, columns: number): Tensor {
  return reshape(tokens, [tokens.shape[0]!, rows, columns, tokens.shape[2]!]);
}
