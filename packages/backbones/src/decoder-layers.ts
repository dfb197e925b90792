import {
  add,
  applyRotary,
  attention,
  concat,
  gelu,
  linear,
  mergeHeads,
  mul,
  rmsNorm,
  silu,
  splitHeads,
  type Graph,
  type RotaryTables,
  type Tensor,
} from "@pixelvla/core";

/** Geometry of a Llama-style decoder layer; Gemma's differs in the norm, the activation and the head width. */
export interface DecoderLayerConfig {
  readonly width: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headWidth: number;
  readonly mlpWidth: number;
  readonly epsilon: number;
  readonly style: "llama" | "gemma";
  /** Factor on the first values of `o_proj` and `down_proj`. */
  readonly residualScale?: number;
}

export interface KeysValues {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/**
 * Queries, keys and values of one token stream, rotated: `[B, heads, T, headWidth]`. Emits `input_layernorm` and
 * `self_attn.{q,k,v}_proj` in the current scope.
 */
export function projectHeads(
  g: Graph,
  x: Tensor,
  config: DecoderLayerConfig,
  rotary: RotaryTables,
): { queries: Tensor } & KeysValues {
  const { heads, keyValueHeads, headWidth, epsilon, style } = config;
  const normed = rmsNorm(g, x, "input_layernorm", { epsilon, style });
  return g.within("self_attn", () => {
    const q = splitHeads(linear(g, normed, heads * headWidth, "q_proj", { bias: false }), heads);
    const k = splitHeads(linear(g, normed, keyValueHeads * headWidth, "k_proj", { bias: false }), keyValueHeads);
    const v = splitHeads(linear(g, normed, keyValueHeads * headWidth, "v_proj", { bias: false }), keyValueHeads);
    return { queries: applyRotary(q, rotary), keys: applyRotary(k, rotary), values: v };
  });
}

/** What follows attention in a layer: output projection, residual, norm, gated MLP, residual. */
export function finishLayer(g: Graph, x: Tensor, attended: Tensor, config: DecoderLayerConfig): Tensor {
  const { width, mlpWidth, epsilon, style, residualScale = 1 } = config;
  const into = (x: Tensor, name: string) => {
    const weight = { kind: "uniform", bound: residualScale / Math.sqrt(x.shape.at(-1)!) } as const;
    return linear(g, x, width, name, { bias: false, weight });
  };
  const middle = add(
    x,
    g.within("self_attn", () => into(attended, "o_proj")),
  );
  const normed = rmsNorm(g, middle, "post_attention_layernorm", { epsilon, style });
  const mlp = g.within("mlp", () => {
    const gate = linear(g, normed, mlpWidth, "gate_proj", { bias: false });
    const up = linear(g, normed, mlpWidth, "up_proj", { bias: false });
    const active = style === "llama" ? silu(gate) : gelu(gate, "tanh");
    return into(mul(active, up), "down_proj");
  });
  return add(middle, mlp);
}

/** One layer over tokens `[B, T, D]`, attending to `past` keys and values and to itself. */
export function decoderLayer(
  g: Graph,
  x: Tensor,
  config: DecoderLayerConfig,
  rotary: RotaryTables,
  mask: Tensor | undefined,
  past?: KeysValues,
): { x: Tensor } & KeysValues {
  const own = projectHeads(g, x, config, rotary);
  const keys = past === undefined ? own.keys : concat([past.keys, own.keys], 2);
  const values = past === undefined ? own.values : concat([past.values, own.values], 2);
  const attended = mergeHeads(attention(own.queries, keys, values, { mask }));
  return { x: finishLayer(g, x, attended, config), keys, values };
}
