import type { Graph } from "../graph/graph.ts";
import type { LinearRule, LinearSite } from "../nn/linear.ts";
import { add } from "../ops/add.ts";
import { matmulNBits } from "../ops/matmul-nbits.ts";
import type { QuantiseOptions } from "./recipe.ts";

/**
 * Weight-only quantisation of the backbone's linear layers: `NAME.weight` becomes `NAME.weight.codes`
 * (uint8 `[out, ceil(in / block), block * bits / 8]`) and `NAME.weight.scales` (float32 `[out, ceil(in / block)]`).
 * They come from a quantised checkpoint (`pixelvla models quantize`); they never train, adapters on top may.
 */
export function quantiseRule({ bits, blockSize, activations, exclude }: QuantiseOptions): LinearRule {
  const excluded = exclude.map((pattern) => new RegExp(pattern));
  return (g: Graph, site: LinearSite, base) => {
    if (!site.name.startsWith("backbone.") || excluded.some((pattern) => pattern.test(site.name))) return base();
    const blocks = Math.ceil(site.inputDim / blockSize);
    const codes = g.parameter(
      "weight.codes",
      [site.outputDim, blocks, (blockSize * bits) / 8],
      { kind: "zeros" },
      "uint8",
    );
    const scales = g.parameter("weight.scales", [site.outputDim, blocks], { kind: "zeros" });
    const product = matmulNBits(site.input, codes, scales, {
      bits,
      blockSize,
      activations,
      outputs: site.outputDim,
    });
    return site.bias ? add(product, g.parameter("bias", [site.outputDim], { kind: "zeros" })) : product;
  };
}
