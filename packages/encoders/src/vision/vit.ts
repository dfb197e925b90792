import {
  add,
  attention,
  concat,
  expand,
  gelu,
  layerNorm,
  linear,
  mergeHeads,
  mul,
  patchEmbed,
  reshape,
  slice,
  splitHeads,
  type Graph,
  type Tensor,
} from "@pixelvla/core";

/** Channel means and deviations DINOv2 was trained with. */
export const IMAGENET_STATISTICS = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] } as const;

/** Geometry of a plain vision transformer, with timm's names for its parameters. */
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
  readonly epsilon: number;
}

/**
 * Runs the first `blocks` blocks of a vision transformer on a normalised image `[B, H, W, 3]`, without the final norm.
 * Returns the patch tokens `[B, N, D]` after each block of `taps` (0-based), prefix tokens dropped.
 */
export function vitFeatures(g: Graph, image: Tensor, config: VitConfig, taps: readonly number[]): Tensor[] {
  const [b] = image.shape as [number, number, number, number];
  const { width, patch, classToken, registers } = config;
  const patches = patchEmbed(g, image, patch, width, "patch_embed.proj");
  const n = patches.shape[1]!;
  const positions = g.parameter("pos_embed", [1, n, width], { kind: "normal", std: 0.02 });
  let x = add(patches, positions);
  const prefix: Tensor[] = [];
  if (classToken) prefix.push(g.parameter("cls_token", [1, 1, width], { kind: "normal", std: 0.02 }));
  if (registers > 0) prefix.push(g.parameter("reg_token", [1, registers, width], { kind: "normal", std: 0.02 }));
  const prefixLength = (classToken ? 1 : 0) + registers;
  if (prefix.length > 0) x = concat([...prefix.map((t) => expand(t, [b, ...t.shape.slice(1)])), x], 1);

  const last = Math.max(...taps);
  const tapped = new Map<number, Tensor>();
  for (let i = 0; i <= last; i++) {
    x = g.within(`blocks.${i}`, () => vitBlock(g, x, config));
    if (taps.includes(i)) tapped.set(i, slice(x, 1, prefixLength));
  }
  return taps.map((i) => tapped.get(i)!);
}

/** Pre-norm block: x += ls1 Attn(LN x); x += ls2 MLP(LN x). */
function vitBlock(g: Graph, x: Tensor, { width, heads, mlpWidth, layerScale, activation, epsilon }: VitConfig): Tensor {
  const scale = (branch: Tensor, name: string) =>
    layerScale
      ? mul(branch, g.parameter(`${name}.scale_factor`, [width], { kind: "constant", value: layerScaleStart }))
      : branch;

  const attended = g.within("attn", () => selfAttention(g, layerNormOf(g, x, "norm1", epsilon), width, heads));
  const middle = add(x, scale(attended, "ls1"));
  const hidden = layerNorm(g, middle, "norm2", { epsilon });
  const mlp = g.within("mlp", () => {
    const up = gelu(linear(g, hidden, mlpWidth, "fc1"), activation === "tanh" ? "tanh" : "none");
    return linear(g, up, width, "fc2");
  });
  return add(middle, scale(mlp, "ls2"));
}

/** LayerScale begins small in DINOv2 (1e-5); small policies trained from scratch need their blocks alive. */
const layerScaleStart = 0.1;

function layerNormOf(g: Graph, x: Tensor, name: string, epsilon: number): Tensor {
  // `norm1` belongs to the block, not to `attn`, although it is emitted while building the attention.
  const parent = g.scope.split(".").slice(0, -1).join(".");
  return g.withScope(parent, () => layerNorm(g, x, name, { epsilon }));
}

/** Full self-attention with one fused `qkv` projection: rows are q, k, v, each `[heads, head width]`. */
function selfAttention(g: Graph, x: Tensor, width: number, heads: number): Tensor {
  const qkv = linear(g, x, 3 * width, "qkv");
  const part = (i: number) => splitHeads(slice(qkv, 2, i * width, (i + 1) * width), heads);
  return linear(g, mergeHeads(attention(part(0), part(1), part(2))), width, "proj");
}

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
