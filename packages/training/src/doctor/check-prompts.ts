import { encodePrompt } from "@pixelvla/backbones";
import { PixelVlaError } from "@pixelvla/core";
import { recipeText, type RecipeText } from "../recipe/tokenizer.ts";
import { builtinRegistry } from "../recipe/registry.ts";
import { sampleShape } from "../samples/for-recipe.ts";
import { finding, type Examination } from "./examination.ts";
import type { DoctorFinding } from "./report.ts";

/** Does every instruction fit the template and the padded length, and did the start read the same template? */
export function checkPrompts({ recipe: training, episodes, built, init }: Examination): DoctorFinding {
  const { recipe } = training;
  const { usesAnnotations } = sampleShape(training);
  let text: RecipeText;
  try {
    text = recipeText(recipe, builtinRegistry());
  } catch (error) {
    return finding("prompt", "fail", (error as Error).message);
  }
  const { template, plainTemplate, maxTokens } = recipe.text;
  const placeholders = built?.policy.placeholders ?? { annotations: 0, visualPrompts: 0 };
  const unnamed = [
    ...(placeholders.annotations > 0 && !template.includes("{annotations}") ? ["{annotations}"] : []),
    ...(placeholders.visualPrompts > 0 && !template.includes("{visual prompts}") ? ["{visual prompts}"] : []),
    ...(template.includes("{instruction}") && plainTemplate.includes("{instruction}") ? [] : ["{instruction}"]),
  ];
  if (unnamed.length > 0)
    return finding(
      "prompt",
      "fail",
      `The template never says ${unnamed.join(" or ")}, so the policy would not get it.`,
      "Add it to text.template",
    );
  const instructions = [...new Set(episodes.map(({ task }) => task))];
  let longest = 0;
  for (const instruction of instructions)
    for (const counts of usesAnnotations ? [placeholders, NONE] : [NONE])
      try {
        const { valid } = encodePrompt(text.tokenizer, text.special, recipe.text, {
          instruction,
          placeholders: counts,
        });
        longest = Math.max(
          longest,
          valid.reduce((sum, one) => sum + one, 0),
        );
      } catch (error) {
        if (error instanceof PixelVlaError) return finding("prompt", "fail", error.message);
        throw error;
      }
  const before = init?.document.text?.plainTemplate;
  if (before !== undefined && before !== plainTemplate)
    return finding(
      "prompt",
      "warn",
      `Without a visual prompt the policy reads "${plainTemplate}"; its start was trained with "${before}".`,
      "Set text.plainTemplate to the start's",
    );
  return finding(
    "prompt",
    "pass",
    `The longest of ${instructions.length} instructions takes ${longest} of ${maxTokens} tokens.`,
  );
}

const NONE = { annotations: 0, visualPrompts: 0 } as const;
