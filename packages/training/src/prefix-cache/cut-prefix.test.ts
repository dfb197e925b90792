import { POLICY_INPUT, VOLATILE_INPUTS } from "@pixelvla/core";
import { expect, test } from "vitest";
import { smallestRecipe } from "../../test/smallest-recipe.ts";
import { checkRecipe } from "../recipe/load-recipe.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { buildTraining } from "../train/build-program.ts";
import { cutFrozenPrefix, visitInputs } from "./cut-prefix.ts";

const cut = (training: Record<string, unknown>) => {
  const recipe = checkRecipe(smallestRecipe(training));
  const { program, trained, policy } = buildTraining(recipe, builtinRegistry());
  const redrawn = visitInputs(recipe.training.data, policy.placeholders.annotations > 0);
  return cutFrozenPrefix(program, trained, redrawn, policy.shape.batch);
};

test("where everything trains nothing is cut, and it says so", () => {
  expect(cut({ stage: "text-only" })).toMatchObject({
    prefix: undefined,
    note: expect.stringMatching(/^nothing to cache/) as string,
  });
});

test("stage 2 keeps the vision tokens of a picture; text that is redrawn stays in the train step", () => {
  const { prefix, note } = cut({ stage: "stage2", data: { promptDropout: 0.5 } });
  expect([...prefix!.inputs.keys()]).toEqual([POLICY_INPUT.image]);
  expect(note).toMatch(/^the cache leaves out what .*tokens.* decide: .* redrawn at every visit of a sample$/);
});

test("prompts that never change belong to the sample", () => {
  const { data } = checkRecipe(smallestRecipe()).training;
  const fixed = { ...data, promptKinds: ["box" as const], promptDropout: 0, promptJitterPx: 0 };
  expect(visitInputs(fixed, true)).toEqual(VOLATILE_INPUTS);
});

test("a picture whose look is changed at every visit is not kept", () => {
  const { prefix, note } = cut({ stage: "stage2", data: { promptDropout: 0.5, augment: {} } });
  expect([...(prefix?.inputs.keys() ?? [])]).not.toContain(POLICY_INPUT.image);
  expect(note).toMatch(/image/);
});

test("with only the head training, the prefix is the policy up to it", () => {
  const { prefix } = cut({ stage: "stage1", trainable: ["^decoder\\.model\\."] });
  expect([...prefix!.inputs.keys()].sort()).toEqual(["image", "tokenValid", "tokens"]);
  expect(prefix!.parameters.some(({ name }) => name.startsWith("backbone."))).toBe(true);
});
