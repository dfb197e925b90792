import { fileURLToPath } from "node:url";
import { loadRecipe } from "@pixelvla/training";
import { expect, test } from "vitest";
import { servingCheck } from "./serving-check.ts";

const file = fileURLToPath(new URL("../../../../recipes/openvla-tiny.yaml", import.meta.url));
const row = (gripper: number) => [0, 0, 0, 0, 0, 0, gripper];
const action = { q01: row(0), q99: row(1), mean: row(0), std: row(1), min: row(0), max: row(1), mask: [] };
const statistics = { dataset: "recorded", num_trajectories: 1, num_transitions: 1, action, proprio: action };
const examined = (...overrides: string[]) => servingCheck({ recipe: loadRecipe(file, overrides), statistics });

test("a recipe that says nothing of serving is not examined", async () => {
  expect(await examined()).toBeUndefined();
});

test("the doctor passes clients that could use the policy and fails those that could not, with the server's own reason", async () => {
  expect(await examined("serving.embodiment=libero")).toMatchObject({ name: "serving", verdict: "pass" });
  expect(await examined("serving.embodiment=aloha")).toMatchObject({
    verdict: "fail",
    reason: expect.stringMatching(/actions of 7 dimensions, needs 14/) as string,
  });
  expect(await examined("serving.embodiment=droid")).toMatchObject({ verdict: "fail" });
  expect(await examined("serving.embodiment=moon")).toMatchObject({ verdict: "fail" });
});

test("a gripper that was not recorded as openness fails where it would have to be converted", async () => {
  const signed = { ...statistics, action: { ...action, min: row(-1) } };
  const recipe = loadRecipe(file, ["serving.embodiment=libero"]);
  expect(await servingCheck({ recipe, statistics: signed })).toMatchObject({
    verdict: "fail",
    reason: expect.stringMatching(/gripper values from -1.00 to 1.00/) as string,
  });
});
