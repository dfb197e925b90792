import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  POLICY_INPUT,
  Random,
  initialValues,
  sizeOf,
  type ComposedPolicy,
  type HostArray,
  type Program,
  type Recipe,
} from "@pixelvla/core";
import { writeSafetensors } from "@pixelvla/data/checkpoints";

/** Initial values; adapters' second halves, which start at zero, are made to matter. */
export function randomWeights(program: Program): Map<string, Float32Array> {
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
export function randomFeeds(program: Program, { recipe, placeholders }: ComposedPolicy): Record<string, HostArray> {
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
    else if (name === POLICY_INPUT.actionWeights) feeds[name] = new Float32Array(count).fill(1);
    else if (name === POLICY_INPUT.noise) feeds[name] = Float32Array.from({ length: count }, () => random.normal());
    else feeds[name] = Float32Array.from({ length: count }, () => random.uniform());
  }
  return feeds;
}

/** Leaves recipe, weights, inputs and what we computed from them for the peers. `feeds` may hold scalars besides. */
export async function exchange(
  folder: string,
  description: { readonly recipe: Recipe; readonly flops: number } & Readonly<Record<string, unknown>>,
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
      float(name, shapes.get(name) ?? [data.length], Float32Array.from(data as ArrayLike<number | bigint>, Number)),
    ),
  );
}
