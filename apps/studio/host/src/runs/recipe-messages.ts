import type { DoctorCheck } from "@pixelvla/studio-contract";

/** What the recipe thread is asked. Overrides are `path=value`, the value YAML. */
export type RecipeQuestion =
  | {
      readonly kind: "examine";
      readonly recipeFile: string;
      readonly overrides: readonly string[];
      /** Width of the dataset's actions, where a dataset is chosen. */
      readonly actionWidth: number | undefined;
      readonly dataset: string | undefined;
    }
  | { readonly kind: "changes"; readonly baseText: string; readonly recipe: unknown };

/** What it answers, by kind of question. */
export interface RecipeAnswers {
  readonly examine: readonly DoctorCheck[];
  /** `path value`, one for each difference from the base. */
  readonly changes: readonly string[];
}

export type RecipeRequest = RecipeQuestion & { readonly id: number };
export interface RecipeReply {
  readonly id: number;
  readonly answer: RecipeAnswers[keyof RecipeAnswers];
}
