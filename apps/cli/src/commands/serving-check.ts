import { PixelVlaError } from "@pixelvla/core";
import type { DoctorFinding, Examination } from "@pixelvla/training";

/**
 * Whether the clients the recipe names could use the policy it trains: what `pixelvla serve` would refuse afterwards is found before the
 * training. Undefined for a recipe that says nothing of serving.
 */
export async function servingCheck({
  recipe: { recipe },
  statistics,
}: Pick<Examination, "recipe" | "statistics">): Promise<DoctorFinding | undefined> {
  if (Object.keys(recipe.serving).length === 0) return undefined;
  const { checkEmbodiment, servingOptions } = await import("@pixelvla/serving");
  const base = { half: "training", name: "serving" } as const;
  try {
    const serving = servingOptions(recipe);
    checkEmbodiment({ ...recipe, statistics }, serving);
    return { ...base, verdict: "pass", reason: `Clients of "${serving.embodiment}" can use the policy.` };
  } catch (error) {
    if (!(error instanceof PixelVlaError)) throw error;
    return { ...base, verdict: "fail", reason: error.message };
  }
}
