import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { composePolicy } from "@pixelvla/core";
import { expect, test } from "vitest";
import { loadRecipe } from "./load-recipe.ts";
import { builtinRegistry } from "./registry.ts";

const folder = fileURLToPath(new URL("../../../../recipes", import.meta.url));

test("every tiny recipe that ships is valid and composes", () => {
  const files = readdirSync(folder).filter((name) => name.endsWith("-tiny.yaml"));
  expect(files).toContain("openvla-tiny.yaml");
  for (const file of files) {
    const { recipe } = loadRecipe(join(folder, file));
    for (const mode of ["train", "predict"] as const)
      expect(composePolicy(recipe, builtinRegistry(), { batch: 2, mode }).graph.parameters.size, file).toBeGreaterThan(
        10,
      );
  }
});

test("the tiny PixelVLA can start from a checkpoint of the tiny OpenVLA: all shared weights have equal shapes", () => {
  const shapes = (file: string) => {
    const { recipe } = loadRecipe(join(folder, file));
    const { graph } = composePolicy(recipe, builtinRegistry(), { batch: 1, mode: "train" });
    return new Map([...graph.parameters.values()].map(({ name, tensor }) => [name, tensor.shape]));
  };
  const pixel = shapes("pixelvla-openvla-tiny.yaml");
  for (const [name, shape] of shapes("openvla-tiny.yaml")) expect(pixel.get(name), name).toEqual(shape);
});

test("overrides replace values, make keys and are checked like the file", () => {
  const file = join(folder, "openvla-tiny.yaml");
  const { training, recipe } = loadRecipe(file, [
    "training.steps=7",
    "training.optimizer.learningRate=1e-2",
    "decoder.options.blocks=1",
  ]);
  expect([training.steps, training.optimizer.learningRate, recipe.decoder.options["blocks"]]).toEqual([7, 0.01, 1]);
  expect(() => loadRecipe(file, ["training.stepz=7"])).toThrow(/unknown key "stepz"/);
  expect(() => loadRecipe(file, ["steps"])).toThrow(expect.objectContaining({ code: "PVLA_OVERRIDE" }));
});

test("an error names the key, the file and the line", () => {
  const file = join(mkdtempSync(join(tmpdir(), "pixelvla-recipe-")), "wrong.yaml");
  writeFileSync(
    file,
    "name: x\nimage: { height: 8, width: 8 }\nvisionEncoder: { name: a }\nprojector: { name: a }\nbackbone: { name: a }\ndecoder: { name: a }\nchunkSize: 0\n",
  );
  expect(() => loadRecipe(file)).toThrow(new RegExp(`chunkSize is wrong: .*wrong.yaml, line 7\\)`));
  writeFileSync(file, "name: [\n");
  expect(() => loadRecipe(file)).toThrow(expect.objectContaining({ code: "PVLA_RECIPE_FILE" }));
  expect(() => loadRecipe(join(file, "none"))).toThrow(expect.objectContaining({ code: "PVLA_RECIPE_FILE" }));
});
