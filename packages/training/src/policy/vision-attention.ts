import { add, concat, mul, reduceMean, reshape, slice, type ComposedPolicy, type Tensor } from "@pixelvla/core";

/** Where the action tokens look, as an output of the policy's graph. */
export interface VisionAttention {
  /** `[L, N]`: mean over heads, action tokens and decoding passes of the attention on each vision token. Rows sum to at most 1. */
  readonly tensor: Tensor;
  /** Scopes of the L backbone layers. */
  readonly layers: readonly string[];
  /** Rows and columns of the N vision tokens. */
  readonly grid: readonly [number, number];
}

/**
 * Taps the attention of every backbone layer in the passes that hold action tokens (all of them for parallel decoders, one for each token or
 * denoising step for the others). Undefined for a policy whose backbone records none. Batch 1.
 */
export function visionAttention({ attention = [], shape, visionTokens }: ComposedPolicy): VisionAttention | undefined {
  const { offset, count, grid } = visionTokens;
  const promptLength = count + shape.textLength;
  const byLayer = new Map<string, Tensor[]>();
  for (const { scope, weights } of attention) {
    const [, , queries, keys] = weights.shape as [number, number, number, number];
    const actions = Math.min(queries, keys - promptLength); // queries after the prompt
    if (actions <= 0) continue;
    const onVision = slice(slice(weights, 2, queries - actions, queries), 3, offset, offset + count);
    byLayer.set(scope, [...(byLayer.get(scope) ?? []), reduceMean(onVision, [0, 1, 2])]);
  }
  if (byLayer.size === 0) return undefined;
  const rows = [...byLayer.values()].map((passes) => reshape(mul(passes.reduce(add), 1 / passes.length), [1, count]));
  return { tensor: concat(rows, 0), layers: [...byLayer.keys()], grid };
}
