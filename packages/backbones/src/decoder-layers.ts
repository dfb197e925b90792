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
  slice,
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

/** Tokens whose output of a layer is wanted, and what they see. */
export interface LayerRows {
  /** Takes these tokens out of `[B, T, D]`: `[B, R, D]`. Identity unless given. */
  readonly select?: (x: Tensor) => Tensor;
  /** Tables at the positions of these tokens. */
  readonly rotary: RotaryTables;
  /** Additive mask of these tokens over the keys: `[B or 1, 1, R, S]`. */
  readonly mask: Tensor | undefined;
  /** Only the first keys and values are looked at; default: all. */
  readonly nKeys?: number;
}

/** A layer whose keys and values stand; what it gives is computed for the tokens that are asked for. */
export interface OpenLayer extends KeysValues {
  /** Output `[B, R, D]` of the layer for some of its tokens; may be asked more than once. */
  rows(rows: LayerRows): Tensor;
}

/**
 * Emits `input_layernorm` and the keys and values `[B, heads, past + T, headWidth]` of a layer over `x` `[B, T, D]`. Queries,
 * output projection and MLP follow per `rows`: after the last layer most tokens are read by nobody.
 */
export function openLayer(
  g: Graph,
  x: Tensor,
  config: DecoderLayerConfig,
  rotary: RotaryTables,
  past?: KeysValues,
): OpenLayer {
  const { heads, keyValueHeads, headWidth, epsilon, style } = config;
  const scope = g.scope;
  const normed = rmsNorm(g, x, "input_layernorm", { epsilon, style });
  const project = (x: Tensor, heads: number, name: string) =>
    g.within("self_attn", () => splitHeads(linear(g, x, heads * headWidth, name, { bias: false }), heads));
  const ownKeys = applyRotary(project(normed, keyValueHeads, "k_proj"), rotary);
  const ownValues = project(normed, keyValueHeads, "v_proj");
  const keys = past === undefined ? ownKeys : concat([past.keys, ownKeys], 2);
  const values = past === undefined ? ownValues : concat([past.values, ownValues], 2);
  return {
    keys,
    values,
    rows: ({ select = (all) => all, rotary, mask, nKeys }) =>
      g.withScope(scope, () => {
        const seen = (all: Tensor) => (nKeys === undefined ? all : slice(all, 2, 0, nKeys));
        const queries = applyRotary(project(select(normed), heads, "q_proj"), rotary);
        const attended = mergeHeads(attention(queries, seen(keys), seen(values), { mask }));
        return finishLayer(g, select(x), attended, config);
      }),
  };
}

/** What follows attention in a layer: output projection, residual, norm, gated MLP, residual. */
function finishLayer(g: Graph, x: Tensor, attended: Tensor, config: DecoderLayerConfig): Tensor {
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

/** One layer over all of its tokens `[B, T, D]`, attending to `past` keys and values and to itself. */
export function decoderLayer(
  g: Graph,
  x: Tensor,
  config: DecoderLayerConfig,
  rotary: RotaryTables,
  mask: Tensor | undefined,
  past?: KeysValues,
): { x: Tensor } & KeysValues {
  const { rows, keys, values } = openLayer(g, x, config, rotary, past);
  return { x: rows({ rotary, mask }), keys, values };
}
