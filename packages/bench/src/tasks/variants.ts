import type { Novelty } from "../scene/catalogue.ts";
import { BASE_LIGHTS, orbited, scaledLights, type Look } from "../scene/look.ts";
import type { TaskName } from "./task.ts";

/** What a variant changes; the first five are the axes of the paper's Fig. 4. */
export type VariantAxis =
  | "base"
  | "camera"
  | "lighting"
  | "background"
  | "distractors"
  | "table-texture"
  | "dynamics"
  | "ambiguity"
  | "novelty";

/** One named change to the base scene. The layout of the same seed stays the same wherever the change allows it. */
export interface Variant {
  readonly name: string;
  readonly axis: VariantAxis;
  /** What is different, with its range. */
  readonly description: string;
  readonly look?: (base: Look) => Look;
  /** Objects besides those the task needs; the base has 2 (move near: 1, drawers: 0). */
  readonly nDistractors?: number;
  /** Objects in all, instead. */
  readonly nObjects?: number;
  readonly novelty?: Novelty;
  /** A second object that looks exactly like the target. */
  readonly duplicateTarget?: boolean;
  /** The target is moved to another place after this many env steps, unless it was touched before. */
  readonly moveTargetAfterSteps?: number;
  readonly unsuitableFor?: readonly TaskName[];
}

const DRAWERS: readonly TaskName[] = ["open-drawer", "close-drawer"];
const RAD = Math.PI / 180;

/** Every variant. */
export const VARIANTS: readonly Variant[] = [
  { name: "base", axis: "base", description: "the scene of the demonstrations (visual matching)" },
  {
    name: "camera-high",
    axis: "camera",
    description: "camera raised by 8.6 degrees on its orbit (SimplerEnv tilts by +0.15 rad)",
    look: (base) => ({ ...base, camera: orbited(base.camera, 0, 0.15) }),
  },
  {
    name: "camera-low",
    axis: "camera",
    description: "camera lowered by 6.9 degrees on its orbit (SimplerEnv tilts by -0.12 rad)",
    look: (base) => ({ ...base, camera: orbited(base.camera, 0, -0.12) }),
  },
  {
    name: "camera-side",
    axis: "camera",
    description: "camera moved by 12 degrees around the table",
    look: (base) => ({ ...base, camera: orbited(base.camera, 12 * RAD, 0) }),
  },
  {
    name: "light-dark",
    axis: "lighting",
    description: "all lights at 0.55 of the base",
    look: (base) => ({ ...base, lights: scaledLights(BASE_LIGHTS, 0.55) }),
  },
  {
    name: "light-bright",
    axis: "lighting",
    description: "all lights at 1.25 of the base, key light from the other side",
    look: (base) => ({
      ...base,
      lights: scaledLights({ ...BASE_LIGHTS, key: { ...BASE_LIGHTS.key, positionM: [-0.1, 0.6, 1.1] } }, 1.25),
    }),
  },
  {
    name: "background-brick",
    axis: "background",
    description: "brick wall and dark floor",
    look: (base) => ({ ...base, background: "brick" }),
  },
  {
    name: "background-garden",
    axis: "background",
    description: "green hedge and paving",
    look: (base) => ({ ...base, background: "garden" }),
  },
  {
    name: "distractors-none",
    axis: "distractors",
    description: "only the objects of the task",
    nDistractors: 0,
    unsuitableFor: DRAWERS,
  },
  {
    name: "distractors-more",
    axis: "distractors",
    description: "four objects besides those of the task",
    nDistractors: 4,
    unsuitableFor: DRAWERS,
  },
  {
    name: "table-marble",
    axis: "table-texture",
    description: "white marble instead of maple",
    look: (base) => ({ ...base, table: "marble" }),
  },
  {
    name: "table-walnut",
    axis: "table-texture",
    description: "dark walnut instead of maple",
    look: (base) => ({ ...base, table: "walnut" }),
  },
  {
    name: "table-checker",
    axis: "table-texture",
    description: "a 4 cm grey checkered cloth instead of maple",
    look: (base) => ({ ...base, table: "checker" }),
  },
  {
    name: "moved-target",
    axis: "dynamics",
    description: "the target jumps 6 to 10 cm after the second env step",
    moveTargetAfterSteps: 2,
    unsuitableFor: DRAWERS,
  },
  {
    name: "duplicate",
    axis: "ambiguity",
    description: "a second object looks like the target; only a visual prompt tells them apart",
    duplicateTarget: true,
    unsuitableFor: DRAWERS,
  },
  {
    name: "five-objects",
    axis: "distractors",
    description: "five objects in all",
    nObjects: 5,
    unsuitableFor: DRAWERS,
  },
  {
    name: "unseen-pair",
    axis: "novelty",
    description: "target's colour and shape trained, never together",
    novelty: "unseen-pair",
    unsuitableFor: DRAWERS,
  },
  {
    name: "unseen-colour",
    axis: "novelty",
    description: "target in a colour that training never shows (pink, turquoise)",
    novelty: "unseen-colour",
    unsuitableFor: DRAWERS,
  },
  {
    name: "unseen-shape",
    axis: "novelty",
    description: "target of a shape that training never shows (egg, dumbbell)",
    novelty: "unseen-shape",
    unsuitableFor: [...DRAWERS, "stack"],
  },
];

/** The variant of that name, if there is one. */
export function variantNamed(name: string): Variant | undefined {
  return VARIANTS.find((variant) => variant.name === name);
}

/** Whether a variant makes sense for a task. */
export function suits(variant: Variant, task: TaskName): boolean {
  return !(variant.unsuitableFor ?? []).includes(task);
}
