import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";
import { add } from "../ops/add.ts";
import { div } from "../ops/div.ts";
import { layerNormalization } from "../ops/layer-normalization.ts";
import { mul } from "../ops/mul.ts";
import { reduceMean } from "../ops/reduce-mean.ts";
import { reshape } from "../ops/reshape.ts";
import { sqrt } from "../ops/sqrt.ts";
import { sub } from "../ops/sub.ts";

/** Layer normalisation over the last axis; parameters `NAME.weight` and `NAME.bias` `[D]`. */
export function layerNorm(
  g: Graph,
  x: Tensor,
  name: string,
  options: { epsilon?: number; bias?: boolean } = {},
): Tensor {
  const width = x.shape.at(-1)!;
  return g.within(name, () => {
    const weight = g.parameter("weight", [width], { kind: "ones" });
    const bias = options.bias === false ? undefined : g.parameter("bias", [width], { kind: "zeros" });
    return layerNormalization(x, weight, bias, options.epsilon ?? 1e-5);
  });
}

/**
 * Root-mean-square normalisation over the last axis; parameter `NAME.weight` `[D]`.
 * `style: "gemma"` multiplies by (1 + weight) and starts at weight 0; `"llama"` multiplies by weight.
 */
export function rmsNorm(
  g: Graph,
  x: Tensor,
  name: string,
  options: { epsilon?: number; style?: "llama" | "gemma" } = {},
): Tensor {
  const width = x.shape.at(-1)!;
  const { epsilon = 1e-6, style = "llama" } = options;
  return g.within(name, () => {
    const weight = g.parameter("weight", [width], { kind: style === "llama" ? "ones" : "zeros" });
    const rms = sqrt(add(reduceMean(mul(x, x), [-1], true), epsilon));
    return mul(div(x, rms), style === "llama" ? weight : add(weight, 1));
  });
}

/** Group normalisation of `[B, C, H, W]`; parameters `NAME.weight` and `NAME.bias` `[C]`. */
export function groupNorm(g: Graph, x: Tensor, groups: number, name: string, epsilon = 1e-5): Tensor {
  const [b, c, h, w] = x.shape as [number, number, number, number];
  return g.within(name, () => {
    const weight = g.parameter("weight", [c], { kind: "ones" });
    const bias = g.parameter("bias", [c], { kind: "zeros" });
    const grouped = reshape(x, [b, groups, (c / groups) * h * w]);
    const centred = sub(grouped, reduceMean(grouped, [2], true));
    const deviation = sqrt(add(reduceMean(mul(centred, centred), [2], true), epsilon));
    const normalised = reshape(div(centred, deviation), x.shape);
    return add(mul(normalised, reshape(weight, [1, c, 1, 1])), reshape(bias, [1, c, 1, 1]));
  });
}
