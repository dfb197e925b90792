import { PixelVlaError } from "@pixelvla/core";
import type { ConfigDifference, DoctorCheck } from "@pixelvla/studio-contract";
import { buildTraining, builtinRegistry, checkRecipe, loadRecipe, type TrainingRecipe } from "@pixelvla/training";
import { parse } from "yaml";
import { totalmem } from "node:os";
import { differences } from "./config-tree.ts";
import type { RecipeQuestion } from "./recipe-messages.ts";

type Question<K> = Extract<RecipeQuestion, { kind: K }>;

const GIB = 2 ** 30;

/** Reads and composes a recipe, and says what it costs and whether it fits the dataset. */
export function examineRecipe({ recipeFile, overrides, actionWidth, dataset }: Question<"examine">): DoctorCheck[] {
  const checks: DoctorCheck[] = [];
  let recipe: TrainingRecipe;
  try {
    recipe = loadRecipe(recipeFile, overrides);
    checks.push({ check: "recipe", level: "pass", message: `${recipe.recipe.name} is well-formed.` });
  } catch (error) {
    return [failed("recipe", error)];
  }
  const { actionDim } = recipe.recipe;
  if (actionWidth !== undefined && actionWidth !== actionDim)
    checks.push({
      check: "actions",
      level: "fail",
      message: `The recipe predicts ${actionDim} action dimensions, ${dataset ?? "the dataset"} has ${actionWidth}.`,
      fix: `Set actionDim to ${actionWidth}`,
    });
  try {
    const { cost, trained } = buildTraining(recipe, builtinRegistry());
    const { total, peakActivationBytes, gradientBytes, optimizerBytes } = cost;
    const share = total.parameters === 0 ? 0 : (100 * total.trainableParameters) / total.parameters;
    checks.push({
      check: "parts",
      level: "pass",
      message: `The parts fit: ${count(total.parameters)} parameters, ${share.toFixed(0)} % of them trained (${trained.length} tensors).`,
    });
    const bytes = total.weightBytes + peakActivationBytes + gradientBytes + optimizerBytes;
    const isTooMuch = bytes > totalmem();
    checks.push({
      check: "memory",
      level: isTooMuch ? "fail" : bytes > 0.7 * totalmem() ? "warn" : "pass",
      message: `A train step needs about ${(bytes / GIB).toFixed(2)} GiB, this machine has ${(totalmem() / GIB).toFixed(1)} GiB.`,
      ...(isTooMuch ? { fix: "Lower training.batchSize, or train on a larger machine" } : {}),
    });
  } catch (error) {
    checks.push(failed("parts", error));
  }
  return checks;
}

/** How a run's recipe differs from the one it is based on, defaults filled in on both sides; nothing where the base no longer reads. */
export function recipeChanges({ baseText, recipe }: Question<"changes">): string[] {
  try {
    const base = JSON.parse(JSON.stringify(checkRecipe(parse(baseText, { logLevel: "error" })).recipe)) as unknown;
    return differences([base, recipe]).map(({ path, values: [, value] }) => `${path} ${value ?? "unset"}`);
  } catch {
    return [];
  }
}

/** In which fields recipes differ, defaults filled in on every side. @throws PVLA_CONFIG and the like for one that does not read */
export function recipeDiff(texts: readonly string[]): ConfigDifference[] {
  return differences(
    texts.map(
      (text) =>
        JSON.parse(
          JSON.stringify(checkRecipe(parse(text, { maxAliasCount: 100, logLevel: "error" })).recipe),
        ) as unknown,
    ),
  );
}

function failed(check: string, error: unknown): DoctorCheck {
  if (!(error instanceof PixelVlaError))
    return {
      check,
      level: "fail",
      message: `The recipe cannot be used: ${error instanceof Error ? error.message : String(error)}`,
    };
  const fix = error.facts["fix"];
  return { check, level: "fail", message: error.message, ...(typeof fix === "string" ? { fix } : {}) };
}

function count(n: number): string {
  if (n >= 1e9) return `${(n / 1e9).toFixed(1)} B`;
  return n >= 1e6 ? `${(n / 1e6).toFixed(1)} M` : `${(n / 1e3).toFixed(0)} k`;
}
