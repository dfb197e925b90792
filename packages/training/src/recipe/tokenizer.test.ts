import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadRecipe } from "./load-recipe.ts";
import { builtinRegistry } from "./registry.ts";
import { recipeText } from "./tokenizer.ts";

const tiny = fileURLToPath(new URL("../../../../recipes/openvla-tiny.yaml", import.meta.url));
const textOf = (tokenizer: string) =>
  recipeText(loadRecipe(tiny, [`backbone.tokenizer=${tokenizer}`]).recipe, builtinRegistry());

test("an unknown tokenizer is answered with those there are", () => {
  expect(() => textOf("{name: morse}")).toThrow(/no tokenizer is named "morse"\. Available: file, hashed-words/);
});

test("a tokenizer file that is not there is named with the key to set", () => {
  expect(() => textOf("{name: file, options: {path: nowhere}}")).toThrow(
    expect.objectContaining({ code: "PVLA_TOKENIZER_NOT_FOUND" }),
  );
});

const bert = fileURLToPath(new URL("../../../../../shared/data/models/tokenizer-bert-uncased", import.meta.url));
describe.skipIf(!existsSync(bert))("with the real tokenizer of ../shared/data", () => {
  test("a checkpoint folder's tokenizer.json is used", () => {
    expect(textOf(`{name: file, options: {path: "${bert}"}}`).tokenizer.encode("a cat.")).toEqual([1037, 4937, 1012]);
  });
});
