import { composePolicy, extractProgram } from "@pixelvla/core";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadRecipe } from "../recipe/load-recipe.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { assembleBatch } from "../samples/batch.ts";
import { batchSpec } from "../samples/for-recipe.ts";
import { recipeText } from "../recipe/tokenizer.ts";
import { visionAttention } from "./vision-attention.ts";

const recipes = fileURLToPath(new URL("../../../../recipes/", import.meta.url));

test.each([
  { name: "tabletop-openvla-tiny", what: "slots in one pass" },
  { name: "openvla-tokens-tiny", what: "tokens one after the other" },
])("$name: attention of action tokens ($what) is tapped without changing the chunk", async ({ name }) => {
  const trainingRecipe = loadRecipe(`${recipes}${name}.yaml`);
  const registry = builtinRegistry();
  const policy = composePolicy(trainingRecipe.recipe, registry, { batch: 1, mode: "predict" });
  const looks = visionAttention(policy)!;
  const { count, grid } = policy.visionTokens;
  expect(grid[0] * grid[1]).toBe(count);
  expect(looks.tensor.shape).toEqual([looks.layers.length, count]);
  expect(new Set(looks.layers).size).toBe(looks.layers.length);

  const chunk = policy.chunk!;
  const program = extractProgram(policy.graph, { chunk, attention: looks.tensor });
  const { image, stateDim } = trainingRecipe.recipe;
  const sample = {
    episodeIndex: 0,
    frameIndex: 0,
    instruction: "put the carrot on the plate",
    image: Uint8Array.from({ length: image.height * image.width * 3 }, (_, i) => (i * 37) % 256),
    state: new Float32Array(stateDim).fill(0.2),
    chunk: { actions: new Float32Array(), weights: new Float32Array() },
    annotation: undefined,
  };
  const text = recipeText(trainingRecipe.recipe, registry);
  const feeds = assembleBatch([sample], [0], batchSpec(trainingRecipe, policy, program), text);
  const tapped = await onnxruntimeEngine({ provider: "cpu" }).compile(program, { threads: 1 });
  const plain = await onnxruntimeEngine({ provider: "cpu" }).compile(extractProgram(policy.graph, { chunk }), {
    threads: 1,
  });
  const found = await tapped.run(feeds);
  expect(found["chunk"]).toEqual((await plain.run(feeds))["chunk"]);
  const weights = found["attention"] as Float32Array;
  looks.layers.forEach((_, layer) => {
    const row = weights.subarray(layer * count, (layer + 1) * count);
    expect(Math.min(...row)).toBeGreaterThan(0);
    const onVision = row.reduce((sum, weight) => sum + weight, 0);
    expect(onVision).toBeLessThan(1); // the rest lies on text and action tokens
    expect(onVision).toBeGreaterThan(0.1);
  });
  await Promise.all([tapped.dispose(), plain.dispose()]);
});
