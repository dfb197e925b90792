import type {
  Composition,
  ConfigDifference,
  DoctorCheck,
  PartChoice,
  PolicyPart,
  Problem,
  SweepPreview,
} from "@pixelvla/studio-contract";

/** What the recipe thread is asked. Overrides are `path=value`, the value YAML. */
export type RecipeQuestion =
  | {
      readonly kind: "examine";
      readonly recipeFile: string;
      readonly overrides: readonly string[];
    }
  | { readonly kind: "changes"; readonly baseText: string; readonly recipe: unknown }
  | { readonly kind: "compose"; readonly text: string; readonly stage: string | undefined }
  | {
      readonly kind: "choices";
      readonly text: string;
      readonly stage: string | undefined;
      readonly part: PolicyPart;
    }
  /** `value` is YAML; null takes the key away. */
  | {
      readonly kind: "edit";
      readonly text: string;
      readonly path: readonly string[];
      readonly value: string | null;
    }
  | { readonly kind: "diff"; readonly texts: readonly string[] }
  | SweepQuestion;

/** What would a sweep do? Overrides are `path=value`. */
export interface SweepQuestion {
  readonly kind: "sweep";
  readonly file: string;
  readonly dataset: string;
  readonly families: readonly string[] | undefined;
  readonly seeds: readonly number[] | undefined;
  readonly episodes: number | undefined;
  readonly overrides: readonly string[];
  /** Width of the dataset's actions. */
  readonly actionWidth: number | undefined;
}

/** What it answers, by kind of question. */
export interface RecipeAnswers {
  readonly examine: readonly DoctorCheck[];
  /** `path value`, one for each difference from the base. */
  readonly changes: readonly string[];
  readonly compose: Composition;
  readonly choices: readonly PartChoice[];
  readonly edit: string;
  /** Defaults filled in on every side. */
  readonly diff: readonly ConfigDifference[];
  readonly sweep: SweepPreview;
}

export type RecipeRequest = RecipeQuestion & { readonly id: number };
export interface RecipeReply {
  readonly id: number;
  readonly answer?: RecipeAnswers[keyof RecipeAnswers];
  /** Why there is no answer. */
  readonly failure?: Problem;
}
