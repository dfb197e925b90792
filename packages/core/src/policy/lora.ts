import type { Graph } from "../graph/graph.ts";
import type { LinearRule, LinearSite } from "../nn/linear.ts";
import { add } from "../ops/add.ts";
import { gemm } from "../ops/gemm.ts";
import { mul } from "../ops/mul.ts";
import type { LoraOptions } from "./recipe.ts";

/**
 * Low-rank adapters: y = base(x) + (alpha / r) B (A x). Parameters `NAME.lora_A.weight` `[r, in]`, normal with
 * std 1 / r (peft's "gaussian"), and `NAME.lora_B.weight` `[out, r]`, zero, so a fresh adapter changes nothing.
 *
 * @param groups the backbone's named target groups; a target that names none is a regular expression
 */
export function loraRule(options: LoraOptions, groups: Readonly<Record<string, string>>): LinearRule {
  const patterns = options.targets.map((target) => new RegExp(groups[target] ?? target));
  const { rank, alpha } = options;
  return (g: Graph, site: LinearSite, base) => {
    const output = base();
    if (!site.name.startsWith("backbone.") || !patterns.some((pattern) => pattern.test(site.name))) return output;
    const down = g.parameter("lora_A.weight", [rank, site.inputDim], { kind: "normal", std: 1 / rank });
    const up = g.parameter("lora_B.weight", [site.outputDim, rank], { kind: "zeros" });
    const update = gemm(gemm(site.input, down, undefined, 0, 1), up, undefined, 0, 1);
    return add(output, mul(update, alpha / rank));
  };
}
