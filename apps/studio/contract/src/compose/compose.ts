import { z } from "zod";
import type { Problem } from "../datasets.ts";
import type { ConfigDifference } from "../runs.ts";

/** Room "Compose": a recipe as a graph of parts. Nothing is loaded or run for it; everything is known when the graph is built. */

/** Parts of a policy, in the order in which they are built. */
export const policyParts = [
  "visionEncoder",
  "projector",
  "pixelEncoder",
  "promptEncoder",
  "backbone",
  "decoder",
] as const;
export type PolicyPart = (typeof policyParts)[number];

/** A recipe as text. */
export const recipeTextSchema = z.string().max(200_000);
export const composeSchema = z.strictObject({
  text: recipeTextSchema,
  stage: z.string().max(40).optional().describe("Freeze schedule instead of the recipe's own training.stage"),
});
export const choicesSchema = z.strictObject({ ...composeSchema.shape, part: z.enum(policyParts) });
/** One change to a recipe's text, which otherwise keeps its comments and order. */
export const editSchema = z.strictObject({
  text: recipeTextSchema,
  path: z
    .array(
      z
        .string()
        .min(1)
        .max(100)
        .regex(/^(?!__proto__$|constructor$|prototype$)/, "a key of a recipe"),
    )
    .min(1)
    .max(8),
  value: z
    .union([z.string().max(20_000), z.null()])
    .describe("The new value as YAML; null takes the key away, so that its default holds"),
});
export const composeDiffSchema = z.strictObject({ text: recipeTextSchema, against: z.string().min(1).max(200) });
export const saveRecipeSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, "letters, digits, dot, dash and underscore, at most 80"),
  text: recipeTextSchema,
});

export type ComposeRequest = z.output<typeof composeSchema>;
export type ChoicesRequest = z.output<typeof choicesSchema>;
export type EditRequest = z.output<typeof editSchema>;
export type SaveRecipeRequest = z.output<typeof saveRecipeSchema>;

/** Whether a part trains under the stage: all of it, only its LoRA adapters, some of it, none, or it is left out of the graph. */
export type PartState = "trained" | "lora" | "partly" | "frozen" | "left out";

/** One option of a part, from its plugin's schema. */
export interface PartOption {
  readonly key: string;
  readonly description: string;
  /** `integer`, `number`, `boolean`, `string`, a list of choices joined by `|`, or another form, edited as YAML. */
  readonly type: string;
  /** As YAML; absent where the option must be given. */
  readonly defaultText?: string | undefined;
  /** The recipe's own value as YAML; absent where the default holds. */
  readonly text?: string | undefined;
}

/** One card of the graph. */
export interface ComposedPart {
  readonly part: PolicyPart;
  /** Name of the plugin; null where the policy has no such part. */
  readonly plugin: string | null;
  readonly state: PartState;
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly forwardFlops: number;
  readonly backwardFlops: number;
  readonly weightBytes: number;
  readonly options: readonly PartOption[];
}

/** A tensor that passes from one part to another. `shape` is empty where only its width is known. */
export interface ComposedWire {
  readonly from: string;
  readonly to: string;
  readonly shape: readonly number[];
  readonly label: string;
}

/** What a train step costs. */
export interface ComposedCost {
  readonly batchSize: number;
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly forwardFlops: number;
  readonly backwardFlops: number;
  readonly weightBytes: number;
  readonly activationBytes: number;
  readonly gradientBytes: number;
  readonly optimizerBytes: number;
}

export interface StageItem {
  readonly name: string;
  readonly summary: string;
  /** Why the policy cannot be trained so. */
  readonly problem?: Problem | undefined;
}

/** A recipe composed, or the one sentence that says why it cannot be. The parts are told in either case, as far as the text says them. */
export interface Composition {
  readonly name: string;
  readonly stage: string;
  readonly stages: readonly StageItem[];
  readonly parts: readonly ComposedPart[];
  readonly wires: readonly ComposedWire[];
  readonly cost?: ComposedCost | undefined;
  readonly problem?: Problem | undefined;
  /** Time the composition took, ms. */
  readonly tookMs: number;
}

/** A plugin that could stand in a part's place. */
export interface PartChoice {
  /** null: the policy does without. */
  readonly plugin: string | null;
  readonly isCurrent: boolean;
  readonly fits: boolean;
  /** Why it does not fit. */
  readonly problem?: Problem | undefined;
  /** The recipe with it; also where it does not fit, so that it can be made to. */
  readonly text: string;
  /** Parameters of the whole policy with it. */
  readonly parameters?: number | undefined;
}

/** What the host must provide for the room. */
export interface ComposeService {
  examine(request: ComposeRequest): Promise<Composition>;
  choices(request: ChoicesRequest): Promise<readonly PartChoice[]>;
  edit(request: EditRequest): Promise<{ readonly text: string }>;
  diff(text: string, against: string): Promise<readonly ConfigDifference[]>;
  save(request: SaveRecipeRequest): Promise<{ readonly recipe: string }>;
}
