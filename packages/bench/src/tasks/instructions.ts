import type { Random } from "@pixelvla/core";

import { receptacleNamed } from "../scene/catalogue.ts";
import type { ObjectSpec } from "../scene/scene-spec.ts";
import type { Goal } from "./task.ts";

/** The words for an object: `"red cube"`, `"plate"`. */
export function phraseOf(object: ObjectSpec): string {
  return receptacleNamed(object.shape) ? object.shape : `${object.colour} ${object.shape}`;
}

/** The first wording is the canonical one (SimplerEnv's), the others are paraphrases. */
const WORDINGS = {
  pick: ["pick {a}", "pick up the {a}", "grasp the {a}", "lift the {a} off the table"],
  "move-near": ["move {a} near {b}", "move the {a} next to the {b}", "bring the {a} close to the {b}"],
  "put-on": ["put {a} on {b}", "place the {a} on the {b}", "set the {a} down on the {b}"],
  "put-in": ["put {a} in {b}", "place the {a} into the {b}", "drop the {a} in the {b}"],
  stack: ["stack the {a} on the {b}", "put the {a} on top of the {b}", "place the {a} onto the {b}"],
  "open-drawer": ["open {a} drawer", "open the {a} drawer", "pull the {a} drawer open"],
  "close-drawer": ["close {a} drawer", "close the {a} drawer", "push the {a} drawer shut"],
} as const satisfies Record<Goal["task"], readonly string[]>;

/** The words in every wording of a goal that name what it is about: `"red cube"`, `"top drawer"`. */
export function targetPhrase(goal: Goal, objects: readonly ObjectSpec[]): string {
  return "drawer" in goal ? `${goal.drawer} drawer` : phraseOf(objects.find(({ id }) => id === goal.targetId)!);
}

/** Every wording of a goal; the first is canonical. */
export function wordings(goal: Goal, objects: readonly ObjectSpec[]): string[] {
  const phrase = (id: string) => phraseOf(objects.find((object) => object.id === id)!);
  const a = "drawer" in goal ? goal.drawer : phrase(goal.targetId);
  const b = "placeId" in goal ? phrase(goal.placeId) : "";
  return WORDINGS[goal.task].map((wording) => wording.replace("{a}", a).replace("{b}", b));
}

/** One wording, the canonical one half of the time. */
export function instructionOf(goal: Goal, objects: readonly ObjectSpec[], random: Random): string {
  const all = wordings(goal, objects);
  return random.uniform() < 0.5 ? all[0]! : all[1 + random.integer(all.length - 1)]!;
}
