import { hashedWords, type Tokenizer } from "@pixelvla/backbones";
import type { PluginRegistry, Recipe, SpecialTokens } from "@pixelvla/core";
import { parseConfig } from "@pixelvla/core";
import { z } from "zod";
import { unknownTokenizer } from "../errors.ts";

const hashedWordsOptions = z.strictObject({
  firstId: z.int().nonnegative().default(8).describe("First id of a word; those below are special"),
  buckets: z.int().positive().default(2040).describe("Ids that words are hashed into"),
});

/** The host side of a recipe's text input. */
export interface RecipeText {
  readonly tokenizer: Tokenizer;
  readonly special: SpecialTokens;
}

/** Makes the tokenizer that the recipe names. @throws PVLA_UNKNOWN_TOKENIZER, PVLA_CONFIG */
export function recipeText(recipe: Recipe, registry: PluginRegistry): RecipeText {
  const doing = `Reading recipe "${recipe.name}"`;
  const plugin = registry.get("backbone", recipe.backbone.name, doing);
  const options = parseConfig(plugin.options, recipe.backbone.options, doing, "backbone.options");
  const { name, options: tokenizerOptions } = recipe.backbone.tokenizer;
  if (name !== "hashed-words") throw unknownTokenizer(recipe.name, name, ["hashed-words"]);
  const { firstId, buckets } = parseConfig(hashedWordsOptions, tokenizerOptions, doing, "backbone.tokenizer.options");
  return { tokenizer: hashedWords(firstId, buckets), special: plugin.specialTokens(options) };
}
