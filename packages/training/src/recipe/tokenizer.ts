import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { hashedWords, tokenizerFromJson, type Tokenizer } from "@pixelvla/backbones";
import type { PluginRegistry, Recipe, SpecialTokens } from "@pixelvla/core";
import { parseConfig } from "@pixelvla/core";
import { resolveModel } from "@pixelvla/data";
import { z } from "zod";
import { tokenizerNotFound, unknownTokenizer } from "../errors.ts";

const hashedWordsOptions = z.strictObject({
  firstId: z.int().nonnegative().default(8).describe("First id of a word; those below are special"),
  buckets: z.int().positive().default(2040).describe("Ids that words are hashed into"),
});

const fileOptions = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe("Checkpoint folder with tokenizer.json, that file, or the hub repository it was pulled from"),
});

/** The host side of a recipe's text input. */
export interface RecipeText {
  readonly tokenizer: Tokenizer;
  readonly special: SpecialTokens;
}

/** Makes the tokenizer that the recipe names. @throws PVLA_UNKNOWN_TOKENIZER, PVLA_TOKENIZER_NOT_FOUND, PVLA_CONFIG */
export function recipeText(recipe: Recipe, registry: PluginRegistry): RecipeText {
  const doing = `Reading recipe "${recipe.name}"`;
  const plugin = registry.get("backbone", recipe.backbone.name, doing);
  const options = parseConfig(plugin.options, recipe.backbone.options, doing, "backbone.options");
  const special = plugin.specialTokens(options);
  const { name, options: tokenizerOptions } = recipe.backbone.tokenizer;
  const parsed = <S extends z.ZodType>(schema: S) =>
    parseConfig(schema, tokenizerOptions, doing, "backbone.tokenizer.options");
  if (name === "hashed-words") {
    const { firstId, buckets } = parsed(hashedWordsOptions);
    return { tokenizer: hashedWords(firstId, buckets), special };
  }
  if (name === "file") return { tokenizer: readTokenizer(recipe.name, parsed(fileOptions).path), special };
  throw unknownTokenizer(recipe.name, name, ["file", "hashed-words"]);
}

/** Reads `tokenizer.json` (and `tokenizer_config.json` where present) of a checkpoint folder. */
function readTokenizer(recipe: string, model: string): Tokenizer {
  const path = resolveModel(model);
  const file = path.endsWith(".json") ? path : join(path, "tokenizer.json");
  if (!existsSync(file)) throw tokenizerNotFound(recipe, file);
  const config = join(dirname(file), "tokenizer_config.json");
  const read = (name: string) => JSON.parse(readFileSync(name, "utf8")) as object;
  return tokenizerFromJson(read(file), existsSync(config) ? read(config) : {});
}
