import type { Random } from "@pixelvla/core";

import { layoutTooCrowded } from "../errors.ts";
import { receptacleNamed, shapeNamed } from "../scene/catalogue.ts";
import type { ObjectSpec } from "../scene/scene-spec.ts";
import type { EpisodeKey } from "./episode-spec.ts";

/** Part of the table where objects start: metres around the middle. */
export const WORKSPACE = { halfXM: 0.13, halfYM: 0.17 } as const;

/** Free table between two footprints: room for an open finger. */
const CLEARANCE_M = 0.04;
/** Extra distance between source and target of a task that moves one to the other. */
const APART_M = 0.05;
const MAX_ATTEMPTS = 400;
const TRIES_PER_OBJECT = 40;

type Kind = Pick<ObjectSpec, "shape" | "colour">;

function radiusOf(shape: string): number {
  return receptacleNamed(shape)?.footprintRadiusM ?? shapeNamed(shape).footprintRadiusM;
}

/**
 * Places objects at random without overlaps; ids are `object0`, `object1`, … in the order given.
 *
 * @throws PVLA_BENCH_CROWDED when no arrangement is found
 */
export function placeObjects(kinds: readonly Kind[], { task, seed }: EpisodeKey, random: Random): ObjectSpec[] {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    // Crowded scenes get a little less room after many tries, never less than a closed finger.
    const clearanceM = CLEARANCE_M - 0.018 * (attempt / MAX_ATTEMPTS);
    const placed: ObjectSpec[] = [];
    for (const [index, kind] of kinds.entries()) {
      const apart = task !== "pick" && index === 1 ? APART_M : 0;
      const fits = (candidate: ObjectSpec) => placed.every((other) => gapM(candidate, other) >= clearanceM + apart);
      const found = firstFitting({ id: `object${index}`, ...kind }, fits, random);
      if (!found) break;
      placed.push(found);
    }
    if (placed.length === kinds.length) return placed;
  }
  throw layoutTooCrowded({ task, seed, nObjects: kinds.length });
}

function firstFitting(
  object: Pick<ObjectSpec, "id" | "shape" | "colour">,
  fits: (candidate: ObjectSpec) => boolean,
  random: Random,
): ObjectSpec | undefined {
  for (let attempt = 0; attempt < TRIES_PER_OBJECT; attempt++) {
    const candidate = { ...object, ...randomPlace(object.shape, random) };
    if (fits(candidate)) return candidate;
  }
  return undefined;
}

function randomPlace(shape: string, random: Random): { xM: number; yM: number; yawRad: number } {
  // Wide things stay wholly inside the picture.
  const margin = Math.max(0, radiusOf(shape) - 0.03);
  return {
    xM: (2 * random.uniform() - 1) * (WORKSPACE.halfXM - margin),
    yM: (2 * random.uniform() - 1) * (WORKSPACE.halfYM - margin),
    yawRad: (2 * random.uniform() - 1) * Math.PI,
  };
}

function gapM(a: ObjectSpec, b: ObjectSpec): number {
  return Math.hypot(a.xM - b.xM, a.yM - b.yM) - radiusOf(a.shape) - radiusOf(b.shape);
}

/** A free place 6 to 10 cm from where the object is. */
export function freePlace(object: ObjectSpec, all: readonly ObjectSpec[], random: Random): { xM: number; yM: number } {
  let best = { xM: object.xM, yM: object.yM, gap: -Infinity };
  for (let attempt = 0; attempt < 200; attempt++) {
    const distance = 0.06 + 0.04 * random.uniform();
    const angle = 2 * Math.PI * random.uniform();
    const moved = { ...object, xM: object.xM + distance * Math.cos(angle), yM: object.yM + distance * Math.sin(angle) };
    if (Math.abs(moved.xM) > WORKSPACE.halfXM || Math.abs(moved.yM) > WORKSPACE.halfYM) continue;
    const gap = Math.min(...all.filter(({ id }) => id !== object.id).map((other) => gapM(moved, other)), 1);
    if (gap > best.gap) best = { xM: moved.xM, yM: moved.yM, gap };
    if (gap > CLEARANCE_M) break;
  }
  return { xM: best.xM, yM: best.yM };
}
