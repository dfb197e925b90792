import type { Graph } from "../graph/graph.ts";
import type { Initialiser } from "../graph/parameter.ts";
import { sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { gemm } from "../ops/gemm.ts";
import { reshape } from "../ops/reshape.ts";

/** A place where a linear layer is applied, as seen by a rule (LoRA, quantised weights). */
export interface LinearSite {
  /** Full dotted name of the layer; its parameters are `NAME.weight` and `NAME.bias`. */
  readonly name: string;
  /** `[M, in]`: all leading axes flattened. */
  readonly input: Tensor;
  readonly inputDim: number;
  readonly outputDim: number;
  readonly bias: boolean;
}

/** Replaces or extends a linear layer. `base()` emits what would have been emitted, `[M, out]`. */
export type LinearRule = (g: Graph, site: LinearSite, base: () => Tensor) => Tensor;

const activeRules = new WeakMap<Graph, LinearRule[]>();

/** Applies `rule` to every `linear` emitted by `build`; inner rules see the result of outer ones last. */
export function withLinearRule<T>(g: Graph, rule: LinearRule, build: () => T): T {
  const rules = activeRules.get(g) ?? [];
  activeRules.set(g, [...rules, rule]);
  try {
    return build();
  } finally {
    activeRules.set(g, rules);
  }
}

export interface LinearOptions {
  readonly bias?: boolean;
  /** Default: uniform in ±1/sqrt(in), as PyTorch's `nn.Linear`. */
  readonly weight?: Initialiser;
}

/**
 * `x W^T + b`: `[..., in]` -> `[..., outputDim]`. Weight `[out, in]` and bias `[out]` in PyTorch's layout, named
 * `NAME.weight` and `NAME.bias`.
 */
export function linear(g: Graph, x: Tensor, outputDim: number, name: string, options: LinearOptions = {}): Tensor {
  const inputDim = x.shape.at(-1)!;
  const { bias = true, weight = { kind: "uniform", bound: 1 / Math.sqrt(inputDim) } } = options;
  const input = reshape(x, [sizeOf(x.shape) / inputDim, inputDim]);
  const output = g.within(name, () => {
    const base = () => {
      const w = g.parameter("weight", [outputDim, inputDim], weight);
      const b = bias ? g.parameter("bias", [outputDim], { kind: "zeros" }) : undefined;
      return gemm(input, w, b, 0, 1);
    };
    const site: LinearSite = { name: g.scope, input, inputDim, outputDim, bias };
    const emit = (activeRules.get(g) ?? []).reduce<() => Tensor>((inner, rule) => () => rule(g, site, inner), base);
    return emit();
  });
  return reshape(output, [...x.shape.slice(0, -1), outputDim]);
}
