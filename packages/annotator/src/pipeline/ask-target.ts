import { PixelVlaError } from "@pixelvla/core";
import { dropped, type Dropped } from "../funnel/causes.ts";
import { appearsIn } from "../object/words.ts";
import type { TargetReasoner } from "../reasoning/target-reasoner.ts";
import type { AnnotationRecipe } from "../recipe/recipe.ts";

/** What an episode's instruction asks to be found. */
export interface Target {
  /** The phrase, then its alternatives. */
  readonly phrases: readonly [string, ...string[]];
}

/** Asks the reasoner and judges its answer. Aborts are thrown on. */
export async function askTarget(
  instruction: string,
  reasoner: TargetReasoner,
  { target: rules }: AnnotationRecipe,
  signal?: AbortSignal,
): Promise<Target | Dropped> {
  const text = instruction.trim();
  if (text === "") return dropped("no-instruction", "the dataset gives none");
  try {
    const answer = await reasoner.reason(text, signal === undefined ? {} : { signal });
    const phrase = answer.target?.trim() ?? "";
    if (phrase === "") {
      const cause = answer.fault === undefined ? "no-target" : (`target-${answer.fault}` as const);
      return dropped(cause, answer.reason ?? "the reasoner gave no reason");
    }
    if (rules.mustAppear && !appearsIn(phrase, text))
      return dropped("target-unfounded", `"${phrase}" is not in "${text}"`);
    if (!(answer.confidence >= rules.minConfidence))
      return dropped("target-unsure", `"${phrase}" with confidence ${answer.confidence}, needs ${rules.minConfidence}`);
    const others = (answer.alternatives ?? []).filter((other) => other !== phrase);
    return { phrases: [phrase, ...others] };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof PixelVlaError && error.code === "PVLA_REASONER")
      return dropped("reasoner-unreachable", error.message);
    throw error;
  }
}
