import type { Parameter, Recipe } from "@pixelvla/core";
import { stageMismatch } from "../errors.ts";

/**
 * Freeze schedules by name. `stage1` and `stage2` are the paper's two stages; `libero` its adaptation; `finetune` is the
 * ablation's baseline (+FT: LoRA and decoder, no pixel parts); `from-scratch` trains everything, `text-only` too but
 * without the pixel parts.
 */
export const STAGE_NAMES = ["from-scratch", "text-only", "stage1", "stage2", "finetune", "libero"] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** What a stage does with a policy's parts. */
export interface Stage {
  readonly name: StageName;
  readonly summary: string;
  /** The pixel and prompt encoders are left out of the graph. */
  readonly withoutPixelParts: boolean;
  /** Whether a parameter trains, by its full name. */
  readonly trains: (name: string) => boolean;
}

const isAdapter = (name: string) => /\.lora_[AB]\.weight$/.test(name);
/** SAM's random frequency matrix is a buffer, never trained. */
const isFixed = (name: string) => name.endsWith("positional_encoding_gaussian_matrix");
const isPart = (name: string, ...parts: string[]) => parts.some((part) => name.startsWith(`${part}.`));
const isActionExpert = (name: string) => /(^|\.)(gemma_)?(action_)?expert\./.test(name);
const isDecoder = (name: string) => isPart(name, "decoder") || isActionExpert(name);

/** Source: PixelVLA §4.2; reference `models.md` §8.2. */
const STAGES: Readonly<Record<StageName, Omit<Stage, "name">>> = {
  "from-scratch": {
    summary: "everything trains",
    withoutPixelParts: false,
    trains: (name) => !isFixed(name),
  },
  "text-only": {
    summary: "everything trains; no pixel parts",
    withoutPixelParts: true,
    trains: (name) => !isFixed(name),
  },
  stage1: {
    summary: "continuous action training: only the action decoder trains; no pixel parts",
    withoutPixelParts: true,
    trains: isDecoder,
  },
  stage2: {
    summary: "pixel-level enhancement: LoRA, pixel and prompt encoders and the action decoder train",
    withoutPixelParts: false,
    trains: (name) =>
      (isAdapter(name) || isPart(name, "pixelEncoder", "promptEncoder") || isDecoder(name)) && !isFixed(name),
  },
  finetune: {
    summary: "LoRA and the action decoder train; no pixel parts",
    withoutPixelParts: true,
    trains: (name) => isAdapter(name) || isDecoder(name),
  },
  libero: {
    summary: "adaptation to LIBERO: as stage 2",
    withoutPixelParts: false,
    trains: (name) =>
      (isAdapter(name) || isPart(name, "pixelEncoder", "promptEncoder") || isDecoder(name)) && !isFixed(name),
  },
};

/**
 * The freeze schedule `name` for a recipe.
 * @throws PVLA_STAGE when the schedule makes no sense for the policy
 */
export function stageOf(recipe: Recipe, name: StageName): Stage {
  const stage = { name, ...STAGES[name] };
  const fail = (found: string, fix: string) => stageMismatch(recipe.name, name, found, fix);
  if (name === "stage1" && recipe.decoder.name === "flow-matching")
    throw fail("its action expert was trained with the base model", "Begin with stage2, as the paper does for pi0");
  if ((name === "stage2" || name === "finetune" || name === "libero") && recipe.backbone.lora === null)
    throw fail("its backbone has no LoRA adapter", "Set backbone.lora, e.g. {rank: 32}");
  if ((name === "stage2" || name === "libero") && recipe.pixelEncoder === null && recipe.promptEncoder === null)
    throw fail("it has no pixel encoder and no prompt encoder", "Add them, or train with finetune");
  return stage;
}

/** Parameters that train under `stage`, or that `patterns` name instead. @throws PVLA_STAGE when there are none */
export function trainableParameters(
  recipe: Recipe,
  stage: Stage,
  parameters: readonly Parameter[],
  patterns: readonly string[] | null | undefined,
): Parameter[] {
  const expressions = patterns?.map((pattern) => new RegExp(pattern));
  const trains = expressions === undefined ? stage.trains : (name: string) => expressions.some((e) => e.test(name));
  const chosen = parameters.filter(({ name }) => trains(name));
  if (chosen.length === 0)
    throw stageMismatch(
      recipe.name,
      stage.name,
      "no parameter would train",
      "Check training.trainable and the recipe's parts",
    );
  return chosen;
}
