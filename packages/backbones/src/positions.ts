import type { Graph, Tensor } from "@pixelvla/core";
import { concat, slice, type AttentionRule, type SuffixSegment } from "@pixelvla/core";

/**
 * Block numbers for `blockMask`: one per prompt position (`causalPrefix`) or one for the whole prompt, then per rule one
 * per suffix position, per segment, or one for all.
 */
export function blockNumbers(
  rule: AttentionRule,
  prefixLength: number,
  segmentLengths: readonly number[],
  causalPrefix = true,
): number[] {
  const blocks = Array.from({ length: prefixLength }, (_, i) => (rule === "full" || !causalPrefix ? 0 : i));
  let next = prefixLength;
  for (const length of segmentLengths) {
    for (let i = 0; i < length; i++) blocks.push(rule === "full" ? 0 : rule === "block" ? next : next++);
    next++;
  }
  return blocks;
}

/** int64 `[1, count]`: 0, 1, ... */
export function offsets(g: Graph, count: number): Tensor {
  return g.constant(
    "int64",
    [1, count],
    BigInt64Array.from({ length: count }, (_, i) => BigInt(i)),
  );
}

/** All segments as one sequence, with the length of each. */
export function joinSegments(suffix: readonly SuffixSegment[]): { tokens: Tensor; lengths: number[] } {
  return {
    tokens: concat(
      suffix.map((s) => s.tokens),
      1,
    ),
    lengths: suffix.map((s) => s.tokens.shape[1]!),
  };
}

/** Cuts `hidden` `[B, T, D]` back into segments, beginning at `start`. */
export function splitSegments(hidden: Tensor, lengths: readonly number[], start = 0): Tensor[] {
  let at = start;
  return lengths.map((length) => {
    const part = slice(hidden, 1, at, at + length);
    at += length;
    return part;
  });
}
