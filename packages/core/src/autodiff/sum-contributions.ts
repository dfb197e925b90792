import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/add.ts";
import { concat } from "../ops/concat.ts";
import { pad } from "../ops/pad.ts";

/** A gradient that is zero outside one range of one axis, as a slice's derivative is. */
interface Piece {
  readonly inner: Tensor;
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Sum of all gradients that flow into one tensor. Slices that cover neighbouring ranges (a joint projection cut into queries,
 * keys and values; rotary halves) are joined end to end instead of being padded with zeros and added.
 */
export function sumContributions(contributions: readonly Tensor[]): Tensor {
  const pieces = contributions.flatMap((t) => pieceOf(t) ?? []);
  const axis = pieces[0]?.axis;
  const joinable = pieces.filter((piece) => piece.axis === axis).sort((a, b) => a.start - b.start);
  const adjacent = joinable.every((piece, i) => i === 0 || piece.start === joinable[i - 1]!.end);
  if (joinable.length < 2 || !adjacent) return contributions.reduce((sum, t) => add(sum, t));

  const whole = contributions[0]!.shape;
  const joined = concat(
    joinable.map(({ inner }) => inner),
    axis!,
  );
  const margins = whole.map((dim, i): [number, number] =>
    i === axis ? [joinable[0]!.start, dim - joinable.at(-1)!.end] : [0, 0],
  );
  const used = new Set(joinable.map(({ inner }) => inner));
  const rest = contributions.filter((t) => !used.has(pieceOf(t)?.inner as Tensor));
  return rest.reduce((sum, t) => add(sum, t), pad(joined, margins));
}

function pieceOf(t: Tensor): Piece | undefined {
  if (t.origin.kind !== "node" || t.origin.node.operator.name !== "Pad") return undefined;
  const { inputs, attributes } = t.origin.node;
  const inner = inputs[0]!;
  const before = attributes["before"] as readonly number[];
  const padded = t.shape.flatMap((dim, i) => (dim === inner.shape[i] ? [] : [i]));
  const axis = padded[0];
  if (padded.length !== 1 || axis === undefined) return undefined;
  return { inner, axis, start: before[axis]!, end: before[axis]! + inner.shape[axis]! };
}
