import { gradients, mul, reduceSum, sum, type Graph, type Tensor } from "@pixelvla/core";
import { expect } from "vitest";
import { randomFeeds, runGraph, type GraphFeeds } from "../run-graph.ts";

/** The bias of keys moves every score of a query alike, which softmax does not see: its gradient is zero by nature. */
const KEY_BIAS = /\bk(ey|_proj)?\.bias$/;
/** SAM's random matrix is drawn once and never trains. */
const FIXED = /gaussian_matrix$/;

/** Every parameter that `outputs` read learns from them: its gradient is finite and not all zeros. */
export async function expectEveryParameterLearns(
  graph: Graph,
  outputs: readonly Tensor[],
  given: GraphFeeds = {},
): Promise<void> {
  const terms = outputs.map((tensor, i) =>
    reduceSum(mul(tensor, graph.input(`cotangent.${i}`, "float32", tensor.shape))),
  );
  const parameters = [...graph.parameters.values()].filter(({ name }) => !FIXED.test(name));
  const computed = gradients(
    sum(terms as [Tensor, ...Tensor[]]),
    parameters.map(({ tensor }) => tensor),
  );
  const named = Object.fromEntries(parameters.map(({ name }, i) => [`gradient.${name}`, computed[i]!]));
  const found = await runGraph(graph, named, randomFeeds(graph, given));
  for (const { name } of parameters) {
    expect(found[`gradient.${name}`]!.every(Number.isFinite), `gradient of ${name}`).toBe(true);
    if (!KEY_BIAS.test(name))
      expect(
        found[`gradient.${name}`]!.some((value) => value !== 0),
        `${name} learns`,
      ).toBe(true);
  }
}
