import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  POLICY_INPUT,
  Random,
  composePolicy,
  extractProgram,
  initialValues,
  programCost,
  sizeOf,
  type ComposedPolicy,
  type HostArray,
  type Program,
  type Recipe,
} from "@pixelvla/core";
import { writeSafetensors } from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { checkRecipe, loadRecipe } from "../src/recipe/load-recipe.ts";
import { builtinRegistry } from "../src/recipe/registry.ts";
import { policy100m } from "./policy-100m.ts";

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

/** Initial values; adapters' second halves, which start at zero, are made to matter. */
function randomWeights(program: Program): Map<string, Float32Array> {
  const random = new Random(1);
  return new Map(
    program.parameters.map((parameter) => {
      const values = initialValues(parameter, 0);
      if (parameter.name.includes("lora_B")) values.forEach((_, i) => (values[i] = 0.05 * random.normal()));
      return [parameter.name, values];
    }),
  );
}

/** Random observations; the text is part padding and carries the placeholders the policy asks for. */
function randomFeeds(program: Program, { recipe, placeholders }: ComposedPolicy): Record<string, HostArray> {
  const random = new Random(2);
  const options = recipe.backbone.options as Record<string, number>;
  const length = recipe.text.maxTokens;
  const feeds: Record<string, HostArray> = {};
  const token = (k: number): number => {
    if (k > 0 && k <= placeholders.annotations) return options["annotationsSentinel"]!;
    if (k > placeholders.annotations && k <= placeholders.annotations + placeholders.visualPrompts)
      return options["visualPromptsSentinel"]!;
    return k === 0 ? 1 : 8 + random.integer(1000);
  };
  const labels = [1n, 1n, 0n, 2n, 3n, -1n, -1n, -1n];
  for (const [name, { shape }] of program.inputs) {
    const count = sizeOf(shape);
    if (name === POLICY_INPUT.tokens)
      feeds[name] = BigInt64Array.from({ length: count }, (_, i) => BigInt(token(i % length)));
    else if (name === POLICY_INPUT.tokenValid)
      feeds[name] = Float32Array.from({ length: count }, (_, i) => (i % length < 24 ? 1 : 0));
    else if (name === POLICY_INPUT.promptLabels)
      feeds[name] = BigInt64Array.from({ length: count }, (_, i) => labels[i % labels.length]!);
    else if (name === POLICY_INPUT.objectMask || name === POLICY_INPUT.promptMask)
      feeds[name] = Float32Array.from({ length: count }, (_, i) =>
        i % 64 > 20 && i % 64 < 40 && i % 4096 > 900 && i % 4096 < 2100 ? 1 : 0,
      );
    else if (name === POLICY_INPUT.noise) feeds[name] = Float32Array.from({ length: count }, () => random.normal());
    else feeds[name] = Float32Array.from({ length: count }, () => random.uniform());
  }
  return feeds;
}

/** Leaves recipe, weights, inputs and our chunk for the peers. */
async function exchange(
  folder: string,
  description: { readonly recipe: Recipe; readonly flops: number },
  program: Program,
  values: ReadonlyMap<string, Float32Array>,
  feeds: Record<string, HostArray>,
): Promise<void> {
  writeFileSync(join(folder, "policy.json"), JSON.stringify(description));
  const float = (name: string, shape: readonly number[], data: Float32Array) => ({
    name,
    dtype: "float32" as const,
    shape,
    data,
  });
  await writeSafetensors(
    join(folder, "weights.safetensors"),
    program.parameters.map(({ name, tensor }) => float(name, tensor.shape, values.get(name)!)),
  );
  const shapes = new Map([...program.inputs, ...program.outputs].map(([name, tensor]) => [name, tensor.shape]));
  await writeSafetensors(
    join(folder, "feeds.safetensors"),
    Object.entries(feeds).map(([name, data]) =>
      float(name, shapes.get(name)!, Float32Array.from(data as ArrayLike<number | bigint>, Number)),
    ),
  );
}
