import { Random } from "@pixelvla/core";

import { EMBODIMENTS } from "../embodiments/embodiment.ts";
import { pairsOf, receptacleNamed, RECEPTACLES, shapeNamed, SHAPES, type Novelty } from "../scene/catalogue.ts";
import { BASE_LIGHTS, type Look } from "../scene/look.ts";
import { DRAWERS, type EmbodimentName, type ObjectSpec, type SceneSpec } from "../scene/scene-spec.ts";
import { instructionOf } from "./instructions.ts";
import { freePlace, placeObjects } from "./placement.ts";
import { TASK_INFO, type Goal, type TaskName } from "./task.ts";
import { suits, variantNamed, VARIANTS, type Variant } from "./variants.ts";
import { badOption, unknownName } from "../errors.ts";

/** The four facts that decide an episode's world; equal keys give equal worlds everywhere. */
export interface EpisodeKey {
  readonly embodiment: EmbodimentName;
  readonly task: TaskName;
  readonly variant: string;
  /** A whole number, at least 0. */
  readonly seed: number;
}

/** Seeds from here on are for demonstrations, those below for evaluation. */
export const TRAINING_SEEDS_FROM = 100_000;

/** An episode before it is run. */
export interface EpisodeSpec extends EpisodeKey {
  readonly scene: SceneSpec;
  readonly goal: Goal;
  readonly instruction: string;
  readonly maxSteps: number;
  /** The variant "moved-target": where the target goes, and after which env step. */
  readonly targetMove?: { readonly afterSteps: number; readonly xM: number; readonly yM: number };
}

/** Short name of an episode: `widowx/pick/base/17`. */
export function episodeName({ embodiment, task, variant, seed }: EpisodeKey): string {
  return `${embodiment}/${task}/${variant}/${seed}`;
}

/** The key that `episodeName` wrote; undefined for any other text, so that datasets of other origin are recognised. */
export function keyNamed(name: string): EpisodeKey | undefined {
  const [embodiment = "", task = "", variant = "", seed = "", ...more] = name.split("/");
  if (more.length > 0 || !/^\d+$/.test(seed) || !(embodiment in EMBODIMENTS) || !(task in TASK_INFO)) return undefined;
  if (variantNamed(variant) === undefined) return undefined;
  return { embodiment: embodiment as EmbodimentName, task: task as TaskName, variant, seed: Number(seed) };
}

/**
 * Draws the layout, goal and instruction of an episode. The same seed gives the same layout in every variant that only
 * changes the look, so that arms and variants can be compared in pairs.
 *
 * @throws PVLA_BENCH_UNKNOWN_NAME, PVLA_BENCH_OPTION, PVLA_BENCH_CROWDED
 */
export function episodeSpec(key: EpisodeKey): EpisodeSpec {
  const variant = variantNamed(key.variant);
  if (!variant)
    throw unknownName(
      "variant",
      key.variant,
      VARIANTS.map(({ name }) => name),
    );
  if (!suits(variant, key.task)) throw badOption("variants", `"${key.variant}"`, `one that suits task "${key.task}"`);
  const random = new Random(`layout ${key.embodiment} ${key.task} ${key.seed}`);
  const drawers = key.task === "open-drawer" || key.task === "close-drawer";
  const start = [
    0.08 * random.uniform() - 0.04,
    0.08 * random.uniform() - 0.04,
    0.125 + 0.05 * random.uniform(),
  ] as const;
  const look = (variant.look ?? ((base: Look) => base))(baseLook(key.embodiment));
  if (drawers) return drawerEpisode(key, random, look, start);

  const kinds = objectKinds(key.task, variant, random);
  const objects = placeObjects(kinds, key, random);
  const goal = goalOf(key.task);
  const scene: SceneSpec = { embodiment: key.embodiment, startPositionM: start, objects, look };
  const target = objects[0]!;
  return {
    ...key,
    scene,
    goal,
    instruction: instructionOf(goal, objects, random),
    maxSteps: TASK_INFO[key.task].maxSteps[key.embodiment],
    ...(variant.moveTargetAfterSteps === undefined
      ? {}
      : { targetMove: { afterSteps: variant.moveTargetAfterSteps, ...freePlace(target, objects, random) } }),
  };
}

/** What the base scene of an embodiment looks like. */
export function baseLook(embodiment: EmbodimentName): Look {
  return { camera: EMBODIMENTS[embodiment].camera, lights: BASE_LIGHTS, table: "maple", background: "lab" };
}

function goalOf(task: Exclude<TaskName, "open-drawer" | "close-drawer">): Goal {
  return task === "pick" ? { task, targetId: "object0" } : { task, targetId: "object0", placeId: "object1" };
}

type Kind = Pick<ObjectSpec, "shape" | "colour">;

/** Target first, then what it goes to, then distractors. */
function objectKinds(task: TaskName, variant: Variant, random: Random): Kind[] {
  const draw = (novelty: Novelty, taken: readonly Kind[], allowed?: (shape: string) => boolean): Kind => {
    const free = pairsOf(novelty).filter(
      ([colour, shape]) =>
        (allowed?.(shape) ?? true) && !taken.some((kind) => kind.colour === colour && kind.shape === shape),
    );
    const [colour, shape] = free[random.integer(free.length)]!;
    return { colour, shape };
  };
  const cubesOnly = (shape: string) => SHAPES.find(({ name }) => name === shape)!.stackable;
  const novelty = variant.novelty ?? "seen";
  const kinds: Kind[] = [];
  if (task === "stack") {
    kinds.push(draw(novelty, kinds, cubesOnly));
    kinds.push(draw("seen", kinds, cubesOnly));
  } else {
    // What rolls off a plate or fits no basket is no fair target.
    const flat = task === "put-on" || task === "put-in" ? (shape: string) => shape !== "ball" : undefined;
    kinds.push(draw(novelty, kinds, flat));
    if (task === "move-near") kinds.push(draw("seen", kinds));
    if (task === "put-on" || task === "put-in") {
      const fitting = RECEPTACLES.filter(({ preposition }) => `put-${preposition}` === task);
      kinds.push({ shape: fitting[random.integer(fitting.length)]!.name, colour: "" });
    }
  }
  const nBase = task === "pick" ? 2 : 1;
  let nMore = variant.nObjects === undefined ? (variant.nDistractors ?? nBase) : variant.nObjects - kinds.length;
  if (variant.duplicateTarget) {
    kinds.push(kinds[0]!);
    nMore--;
  }
  // From the fourth object on the table is too full for long ones.
  const compact = (shape: string) => shapeNamed(shape).footprintRadiusM < 0.03;
  for (; nMore > 0; nMore--) kinds.push(draw("seen", kinds, kinds.length >= 3 ? compact : undefined));
  return kinds;
}

function drawerEpisode(
  key: EpisodeKey,
  random: Random,
  look: Look,
  [startX, startY, startZ]: readonly [number, number, number],
): EpisodeSpec {
  const drawer = DRAWERS[random.integer(DRAWERS.length)]!;
  const openingM = key.task === "close-drawer" ? 0.2 : 0;
  const goal: Goal = { task: key.task as "open-drawer" | "close-drawer", drawer };
  const drawerOpeningsM = { top: 0, middle: 0, bottom: 0, [drawer]: openingM };
  // Away from the open drawer, and high enough to clear its handle.
  const startPositionM = [startX + 0.16, startY, startZ + 0.09] as const;
  const scene: SceneSpec = { embodiment: key.embodiment, startPositionM, objects: [], drawerOpeningsM, look };
  return {
    ...key,
    scene,
    goal,
    instruction: instructionOf(goal, [], random),
    maxSteps: TASK_INFO[key.task].maxSteps[key.embodiment],
  };
}

/** Whether an id names a receptacle of the scene. */
export function isReceptacle(object: ObjectSpec): boolean {
  return receptacleNamed(object.shape) !== undefined;
}
