import { PixelVlaError } from "@pixelvla/core";
import type { ConfigDifference, DoctorCheck } from "@pixelvla/studio-contract";
import { buildTraining, builtinRegistry, checkRecipe, loadRecipe, type TrainingRecipe } from "@pixelvla/training";
import { parse } from "yaml";
import { differences } from "./config-tree.ts";
import type { RecipeQuestion } from "./recipe-messages.ts";

type Question<K> = Extract<RecipeQuestion, { kind: K }>;

/** Reads and composes a recipe: whether there is anything to examine further. */
export function examineRecipe({ recipeFile, overrides }: Question<"examine">): DoctorCheck[] {
  let recipe: TrainingRecipe;
  try {
    recipe = loadRecipe(recipeFile, overrides);
  } catch (error) {
    return [failed("recipe", error)];
  }
  const check: DoctorCheck = { check: "recipe", level: "pass", message: `${recipe.recipe.name} is well-formed.` };
  try {
    buildTraining(recipe, builtinRegistry());
    return [check];
  } catch (error) {
    return [check, failed("parts", error)];
  }
}

/** How a run's recipe differs from the one it is based on, defaults filled in on both sides; nothing where the base no longer reads. */
export function recipeChanges({ baseText, recipe }: Question<"changes">): string[] {
  try {
    if (base?.text !== baseText) base = { text: baseText, document: withDefaults(baseText) };
    return differences([base.document, recipe]).map(({ path, values: [, value] }) => `${path} ${value ?? "unset"}`);
  } catch {
    return [];
  }
}

/** The base of the last question: a sweep's runs all have the same. */
let base: { readonly text: string; readonly document: unknown } | undefined;

/** A recipe's document with defaults filled in. @throws PVLA_CONFIG and the like for one that does not read */
const withDefaults = (text: string) =>
  JSON.parse(JSON.stringify(checkRecipe(parse(text, { maxAliasCount: 100, logLevel: "error" })).recipe)) as unknown;

/** In which fields recipes differ, defaults filled in on every side. @throws PVLA_CONFIG and the like for one that does not read */
export function recipeDiff(texts: readonly string[]): ConfigDifference[] {
  return differences(texts.map(withDefaults));
}

/** A check that an error fails. */
export function failed(check: string, error: unknown): DoctorCheck {
  if (!(error instanceof PixelVlaError))
    return {
      check,
      level: "fail",
      message: `The recipe cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    };
  const fix = error.facts["fix"];
  return { check, level: "fail", message: error.message, ...(typeof fix === "string" ? { fix } : {}) };
}
