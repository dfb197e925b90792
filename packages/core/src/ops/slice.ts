import { emitOne } from "../graph/graph.ts";
import { defineOperator, int64Input, operatorMismatch } from "../graph/operator.ts";
import { formatShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { pad } from "./pad.ts";
import { reshape } from "./reshape.ts";

interface SliceAttributes extends Record<string, number> {
  readonly axis: number;
  readonly start: number;
  /** One past the last element. */
  readonly end: number;
  readonly step: number;
}

export const sliceOperator = defineOperator<{ axis: number; start: number; end: number; step: number }>({
  name: "Slice",
  summary: "Elements start, start + step, ... below end along one axis.",
  attributes: { axis: "none", start: "none", end: "none", step: "none" },
  infer([x], { axis, start, end, step }) {
    const dim = x?.shape[axis];
    if (x === undefined || dim === undefined || start < 0 || end > dim || start >= end || step < 1) {
      throw operatorMismatch(
        `range ${start}..${end} step ${step} on axis ${axis} of ${formatShape(x?.shape ?? [])}`,
        "a non-empty range inside the axis",
      );
    }
    return [{ dtype: x.dtype, shape: x.shape.map((d, i) => (i === axis ? Math.ceil((end - start) / step) : d)) }];
  },
  gradient: ({ inputs, outputGradients, attributes }) => [sliceGradient(inputs[0]!, outputGradients[0]!, attributes)],
  flops: () => 0,
  constantInputs: ({ axis, start, end, step }) => [
    int64Input([start]),
    int64Input([end]),
    int64Input([axis]),
    int64Input([step]),
  ],
});

function sliceGradient(x: Tensor, dy: Tensor, { axis, start, end, step }: SliceAttributes): Tensor {
  const dim = x.shape[axis]!;
  if (step === 1) return pad(dy, padding(x.rank, axis, start, dim - end));
  // Interleave zeros: [.., n, ..] -> [.., n, step, ..] -> [.., n * step, ..], then cut or pad to the input's length.
  const n = dy.shape[axis]!;
  const lifted = reshape(dy, [...dy.shape.slice(0, axis + 1), 1, ...dy.shape.slice(axis + 1)]);
  const spread = pad(lifted, padding(x.rank + 1, axis + 1, 0, step - 1));
  const flat = reshape(spread, [...dy.shape.slice(0, axis), n * step, ...dy.shape.slice(axis + 1)]);
  const usable = Math.min(n * step, dim - start);
  return pad(slice(flat, axis, 0, usable), padding(x.rank, axis, start, dim - start - usable));
}

const padding = (rank: number, axis: number, before: number, after: number): (readonly [number, number])[] =>
  Array.from({ length: rank }, (_, i) => (i === axis ? [before, after] : [0, 0]));

/** Elements `start` to `end` (exclusive) along `axis`; negative positions count from the end. */
export function slice(x: Tensor, axis: number, start: number, end?: number, step = 1): Tensor {
  const a = axis < 0 ? axis + x.rank : axis;
  const dim = x.shape[a] ?? 0;
  const from = start < 0 ? start + dim : start;
  const to = end === undefined ? dim : end < 0 ? end + dim : end;
  if (from === 0 && to === dim && step === 1) return x;
  return emitOne(sliceOperator, [x], { axis: a, start: from, end: to, step });
}

/** Element `index` along `axis`, which disappears. */
export function at(x: Tensor, axis: number, index: number): Tensor {
  const a = axis < 0 ? axis + x.rank : axis;
  const i = index < 0 ? index + (x.shape[a] ?? 0) : index;
  return reshape(
    slice(x, a, i, i + 1),
    x.shape.filter((_, d) => d !== a),
  );
}
