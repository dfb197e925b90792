import { expect, test } from "vitest";
import { smallestRecipe } from "../../test/smallest-recipe.ts";
import { checkRecipe } from "../recipe/load-recipe.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { buildTraining } from "./build-program.ts";
import { stageOf, type StageName } from "./stages.ts";

/** Parts with trained parameters, and how many parameters each has. */
function trainedParts(stage: StageName): Record<string, number> {
  const { trained } = buildTraining(checkRecipe(smallestRecipe({ stage })), builtinRegistry());
  const counts: Record<string, number> = {};
  for (const { name } of trained) {
    const part = name.includes(".lora_") ? "lora" : name.split(".")[0]!;
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return counts;
}

test("stage 1 trains the action decoder alone", () => {
  expect(Object.keys(trainedParts("stage1"))).toEqual(["decoder"]);
});

test("stage 2 trains LoRA, the pixel encoder and the decoder, two adapter matrices per adapted layer", () => {
  const parts = trainedParts("stage2");
  expect(Object.keys(parts).sort()).toEqual(["decoder", "lora", "pixelEncoder"]);
  expect(parts["lora"]).toBe(2 * 2 * 7); // A and B of q, k, v, o, gate, up, down in two layers
});

test("fine-tuning trains LoRA and the decoder without pixel parts", () => {
  expect(Object.keys(trainedParts("finetune")).sort()).toEqual(["decoder", "lora"]);
});

test("from scratch trains every part", () => {
  expect(Object.keys(trainedParts("from-scratch")).sort()).toEqual([
    "backbone",
    "decoder",
    "lora",
    "pixelEncoder",
    "projector",
    "visionEncoder",
  ]);
});

test("stages that make no sense for a policy are refused with a remedy", () => {
  const { recipe } = checkRecipe(smallestRecipe());
  const noLora = { ...recipe, backbone: { ...recipe.backbone, lora: null } };
  expect(() => stageOf(noLora, "stage2")).toThrow(/no LoRA adapter. Set backbone.lora/);
  expect(() => stageOf({ ...recipe, pixelEncoder: null }, "stage2")).toThrow(/no pixel encoder/);
  expect(() => stageOf({ ...recipe, decoder: { name: "flow-matching", options: {} } }, "stage1")).toThrow(/stage2/);
});
