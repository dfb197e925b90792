import { emitOne } from "../graph/graph.ts";
import { isFloat } from "../graph/dtype.ts";
import { defineOperator, int64Input, operatorMismatch, type GradientRule, type Operator } from "../graph/operator.ts";
import { normaliseAxis, sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";

export interface ReductionAttributes extends Record<string, number | readonly number[]> {
  /** Reduced axes, each from the front; empty means all of them. */
  readonly axes: readonly number[];
  /** 1 keeps reduced axes as 1. */
  readonly keepdims: number;
}

interface ReductionOptions {
  readonly name: string;
  readonly summary: string;
  readonly gradient: GradientRule<ReductionAttributes>;
}

/** Declares an operator that reduces axes and gives the function that applies it. */
export function defineReduction(options: ReductionOptions): {
  operator: Operator;
  apply: (x: Tensor, axes?: readonly number[], keepDims?: boolean) => Tensor;
} {
  const operator = defineOperator<{ axes: readonly number[]; keepdims: number }>({
    name: options.name,
    summary: options.summary,
    attributes: { axes: "none", keepdims: "int" },
    infer([x], { axes, keepdims }) {
      if (x === undefined) throw operatorMismatch("no input", "one tensor");
      if (axes.some((a) => normaliseAxis(a, x.shape.length) === undefined)) {
        throw operatorMismatch(`axes [${axes.join(", ")}]`, `axes of a tensor of rank ${x.shape.length}`);
      }
      if (!isFloat(x.dtype) && !["int64", "int32"].includes(x.dtype)) {
        throw operatorMismatch(`elements of type ${x.dtype}`, "numbers", "Cast the input first");
      }
      const reduced = new Set(axes.length === 0 ? x.shape.keys() : axes);
      const shape = x.shape.flatMap((dim, i) => (reduced.has(i) ? (keepdims === 1 ? [1] : []) : [dim]));
      return [{ dtype: x.dtype, shape }];
    },
    gradient: options.gradient,
    flops: (inputs) => sizeOf(inputs[0]!.shape),
    constantInputs: ({ axes }, [x]) => [int64Input(axes.length === 0 ? [...x!.shape.keys()] : axes)],
  });
  return {
    operator,
    apply(x, axes, keepDims = false) {
      const resolved = (axes ?? [...x.shape.keys()]).map((a) => normaliseAxis(a, x.rank) ?? a).sort((a, b) => a - b);
      if (resolved.length === 0) return x;
      return emitOne(operator, [x], { axes: resolved, keepdims: keepDims ? 1 : 0 });
    },
  };
}

/** Shape of a reduced tensor with its reduced axes kept as 1, for broadcasting back. */
export function keptShape(x: Tensor, { axes }: ReductionAttributes): number[] {
  const reduced = new Set(axes.length === 0 ? x.shape.keys() : axes);
  return x.shape.map((dim, i) => (reduced.has(i) ? 1 : dim));
}

/** How many elements each output of a reduction sums over. */
export function reducedCount(x: Tensor, { axes }: ReductionAttributes): number {
  return (axes.length === 0 ? [...x.shape.keys()] : axes).reduce((n, a) => n * x.shape[a]!, 1);
}
