import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/add.ts";
import { and } from "../ops/and.ts";
import { cast } from "../ops/cast.ts";
import { repeatInterleave } from "../ops/gather.ts";
import { lessOrEqual } from "../ops/less-or-equal.ts";
import { matmul, transposeLast } from "../ops/matmul.ts";
import { mul } from "../ops/mul.ts";
import { reshape } from "../ops/reshape.ts";
import { softmax } from "../ops/softmax.ts";
import { transpose } from "../ops/transpose.ts";
import { where } from "../ops/where.ts";

/** Logit of a forbidden pair: large, finite (a fully masked row stays finite), and exact in float32. */
export const MASKED_LOGIT = -1e9;

export interface AttentionOptions {
  /** Added to the logits; broadcasts to `[B, heads, T, S]`. Build it with `causalMask` or `blockMask`. */
  readonly mask?: Tensor | undefined;
  /** Default: 1 / sqrt(head width). */
  readonly scale?: number;
}

/** What one `attention` computed, for losses and pictures that look at it. */
export interface AttentionRecord {
  /** Scope of the layer, e.g. `backbone.model.layers.1`. */
  readonly scope: string;
  /** `[B, heads, T, S]`; rows sum to 1. */
  readonly weights: Tensor;
}

const recorders = new WeakMap<Graph, AttentionRecord[]>();

/** Runs `build` and returns, beside its result, the weights of every `attention` it emitted, in order. */
export function recordAttention<T>(g: Graph, build: () => T): { result: T; records: readonly AttentionRecord[] } {
  const outer = recorders.get(g);
  const records: AttentionRecord[] = [];
  recorders.set(g, records);
  try {
    return { result: build(), records };
  } finally {
    if (outer === undefined) recorders.delete(g);
    else recorders.set(g, outer);
    outer?.push(...records);
  }
}

/**
 * Scaled dot-product attention: queries `[B, Hq, T, Dh]`, keys and values `[B, Hk, S, Dh]` -> `[B, Hq, T, Dh]`.
 * Fewer key heads than query heads are repeated (grouped-query attention).
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, { mask, scale }: AttentionOptions = {}): Tensor {
  const weights = attentionWeights(q, k, { mask, ...(scale === undefined ? {} : { scale }) });
  recorders.get(q.graph)?.push({ scope: q.graph.scope, weights });
  return matmul(weights, repeatHeads(v, q));
}

/** The softmax weights `[B, Hq, T, S]` of `attention`, for losses and pictures that look at them. */
export function attentionWeights(q: Tensor, k: Tensor, { mask, scale }: AttentionOptions = {}): Tensor {
  const scaled = mul(q, scale ?? 1 / Math.sqrt(q.shape.at(-1)!));
  const logits = matmul(scaled, transposeLast(repeatHeads(k, q)));
  return softmax(mask === undefined ? logits : add(logits, mask));
}

function repeatHeads(x: Tensor, q: Tensor): Tensor {
  return repeatInterleave(x, 1, q.shape[1]! / x.shape[1]!);
}

/** `[B, T, heads * Dh]` -> `[B, heads, T, Dh]`. */
export function splitHeads(x: Tensor, heads: number): Tensor {
  const [b, t, d] = x.shape as [number, number, number];
  return transpose(reshape(x, [b, t, heads, d / heads]), [0, 2, 1, 3]);
}

/** `[B, heads, T, Dh]` -> `[B, T, heads * Dh]`. */
export function mergeHeads(x: Tensor): Tensor {
  const [b, h, t, d] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [b, t, h * d]);
}

/** Additive mask `[T, S]`: query t sees keys up to t + (S - T). */
export function causalMask(g: Graph, queries: number, keys = queries): Tensor {
  const data = new Float32Array(queries * keys);
  for (let t = 0; t < queries; t++) {
    for (let s = t + (keys - queries) + 1; s < keys; s++) data[t * keys + s] = MASKED_LOGIT;
  }
  return g.constant("float32", [queries, keys], data);
}

/**
 * Additive mask from block numbers: query t sees key s iff `keyBlocks[s] <= queryBlocks[t]` (openpi's block-causal
 * rule) and key s is valid. Blocks are fixed per position; validity `[B, S]` (bool) is fed. Result `[B, 1, T, S]`,
 * or `[1, 1, T, S]` without validity.
 */
export function blockMask(
  g: Graph,
  queryBlocks: readonly number[],
  keyBlocks: readonly number[],
  keyValid?: Tensor,
): Tensor {
  const t = queryBlocks.length;
  const s = keyBlocks.length;
  const queries = g.constant("float32", [1, 1, t, 1], Float32Array.from(queryBlocks));
  const keys = g.constant("float32", [1, 1, 1, s], Float32Array.from(keyBlocks));
  const allowed = lessOrEqual(keys, queries);
  const visible =
    keyValid === undefined ? allowed : and(allowed, reshape(cast(keyValid, "bool"), [keyValid.shape[0]!, 1, 1, s]));
  return where(visible, 0, MASKED_LOGIT);
}
