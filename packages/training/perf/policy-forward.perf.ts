import { fileURLToPath } from "node:url";
import { composePolicy, extractProgram, programCost, sizeOf, type HostArray } from "@pixelvla/core";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { checkRecipe, loadRecipe } from "../src/recipe/load-recipe.ts";
import { builtinRegistry } from "../src/recipe/registry.ts";
import { policy100m } from "./policy-100m.ts";
import { exchange, randomFeeds, randomWeights } from "./policy-exchange.ts";

const RECIPES = fileURLToPath(new URL("../../../recipes/", import.meta.url));
const TINY = [
  "openvla-tiny",
  "openvla-oft-tiny",
  "openvla-tokens-tiny",
  "pi0-tiny",
  "pixelvla-openvla-tiny",
  "pixelvla-pi0-tiny",
];

const cases = [...TINY, "openvla-100m"].flatMap((recipe) =>
  [1, 8].map((batch) => ({
    name: `${recipe}-b${batch}`,
    params: { recipe, batch },
  })),
);

/** `npm run perf -- policy-forward`: image and instruction to action chunk, the whole policy, against PyTorch. */
export const perf = {
  name: "policy-forward",
  title: "Whole policies, observation to action chunk",
  order: 2,
  rounds: 5,
  matmul: true,
  cases,
  peers: [
    { name: "pytorch-eager", python: "perf_policy_forward.py" },
    { name: "pytorch-compile", python: "perf_policy_forward.py", params: { compile: true } },
  ],
  goals: [{ peer: "pytorch-eager", ratio: 0.7 }],
  async ours(params: { recipe: string; batch: number; threads: number; folder: string }) {
    const recipe =
      params.recipe === "openvla-100m"
        ? checkRecipe(policy100m).recipe
        : loadRecipe(`${RECIPES}${params.recipe}.yaml`).recipe;
    const policy = composePolicy(recipe, builtinRegistry(), { batch: params.batch, mode: "predict" });
    const program = extractProgram(policy.graph, { chunk: policy.chunk! });
    const values = randomWeights(program);
    const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(program, {
      values,
      threads: params.threads,
    });
    const feeds = randomFeeds(program, policy);
    const { chunk } = await executable.run(feeds);
    const flops = programCost(program).total.forwardFlops;
    await exchange(params.folder, { recipe, flops }, program, values, { ...feeds, chunk: chunk! });
    let into: Record<string, HostArray> = { chunk: new Float32Array(chunk!.length) };
    return {
      run: async () => {
        into = await executable.run(feeds, { into });
      },
      work: { amount: flops, unit: "FLOP" },
      facts: {
        parameters: program.parameters.reduce((sum, { tensor }) => sum + sizeOf(tensor.shape), 0),
        nodes: program.nodes.length,
      },
      close: () => executable.dispose(),
    };
  },
};
