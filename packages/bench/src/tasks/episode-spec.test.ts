import { describe, expect, test } from "vitest";

import {
  pairsOf,
  receptacleNamed,
  SHAPES,
  shapeNamed,
  UNSEEN_COLOURS,
  UNSEEN_PAIRS,
  UNSEEN_SHAPES,
} from "../scene/catalogue.ts";
import type { ObjectSpec } from "../scene/scene-spec.ts";
import { episodeSpec, type EpisodeSpec } from "./episode-spec.ts";
import { plannedGrid } from "./grid.ts";
import { wordings } from "./instructions.ts";
import { TASKS } from "./task.ts";
import { suits, VARIANTS } from "./variants.ts";

const SEEDS = Array.from({ length: 25 }, (_, seed) => seed);

function everyEpisode(): EpisodeSpec[] {
  return (["widowx", "google-robot"] as const).flatMap((embodiment) =>
    TASKS.flatMap((task) =>
      VARIANTS.filter((variant) => suits(variant, task)).flatMap(({ name }) =>
        SEEDS.map((seed) => episodeSpec({ embodiment, task, variant: name, seed })),
      ),
    ),
  );
}

const pair = (object: ObjectSpec) => `${object.colour} ${object.shape}`;
const radius = (shape: string) => receptacleNamed(shape)?.footprintRadiusM ?? shapeNamed(shape).footprintRadiusM;

describe("layouts", () => {
  const all = everyEpisode();

  test("are the same for the same key", () => {
    for (const spec of all.slice(0, 200)) expect(episodeSpec(spec)).toEqual(spec);
  });

  test("never overlap", () => {
    for (const { scene } of all)
      for (const [i, a] of scene.objects.entries())
        for (const b of scene.objects.slice(i + 1))
          expect(Math.hypot(a.xM - b.xM, a.yM - b.yM)).toBeGreaterThan(radius(a.shape) + radius(b.shape) + 0.02);
  });

  test("show no held-out look except where the variant asks for it, and then on the target", () => {
    const heldOut = new Set(UNSEEN_PAIRS.map((entry) => entry.join(" ")));
    const isNew = (object: ObjectSpec) =>
      heldOut.has(pair(object)) || UNSEEN_COLOURS.includes(object.colour) || UNSEEN_SHAPES.includes(object.shape);
    for (const { variant, scene } of all) {
      const [target, ...others] = scene.objects;
      expect(others.filter((object) => receptacleNamed(object.shape) === undefined).some(isNew)).toBe(false);
      if (target) expect(isNew(target)).toBe(variant.startsWith("unseen"));
    }
  });

  test("hold the variant's number of objects, and a duplicate only where asked", () => {
    for (const { task, variant, scene } of all) {
      if (variant === "five-objects") expect(scene.objects).toHaveLength(5);
      if (variant === "distractors-none") expect(scene.objects).toHaveLength(task === "pick" ? 1 : 2);
      const pairs = scene.objects.filter(({ colour }) => colour !== "").map(pair);
      expect(pairs.length - new Set(pairs).size).toBe(variant === "duplicate" ? 1 : 0);
    }
  });

  test("stay the same where a variant changes only the look", () => {
    const base = episodeSpec({ embodiment: "widowx", task: "pick", variant: "base", seed: 7 });
    for (const variant of ["camera-high", "light-dark", "background-brick", "table-marble"]) {
      const changed = episodeSpec({ embodiment: "widowx", task: "pick", variant, seed: 7 });
      expect(changed.scene.objects).toEqual(base.scene.objects);
      expect(changed.instruction).toBe(base.instruction);
      expect(changed.scene.look).not.toEqual(base.scene.look);
    }
  });
});

test("there are at least 20 objects to learn from, some to be grasped across, and some held out of every kind", () => {
  expect(pairsOf("seen").length).toBeGreaterThanOrEqual(20);
  expect(SHAPES.filter(({ grasp }) => grasp.symmetryRad === Math.PI).length).toBeGreaterThanOrEqual(3);
  for (const novelty of ["unseen-pair", "unseen-colour", "unseen-shape"] as const)
    expect(pairsOf(novelty).length).toBeGreaterThan(4);
});

test("an object grasped across is longer than the gripper opens", () => {
  for (const { grasp, halfExtentsM, name } of SHAPES)
    if (grasp.symmetryRad === Math.PI && name !== "egg") expect(2 * halfExtentsM[0]).toBeGreaterThan(0.074);
});

test("instructions name the objects and come in several wordings", () => {
  const { goal, scene } = episodeSpec({ embodiment: "widowx", task: "move-near", variant: "base", seed: 3 });
  const all = wordings(goal, scene.objects);
  expect(new Set(all).size).toBeGreaterThanOrEqual(3);
  for (const text of all) for (const object of scene.objects.slice(0, 2)) expect(text).toContain(pair(object));
});

test("a grid leaves out what makes no sense and refuses to be empty", () => {
  const grid = {
    embodiments: ["widowx"] as const,
    tasks: ["pick", "open-drawer"] as const,
    nEpisodes: 2,
    firstSeed: 5,
  };
  expect(plannedGrid({ ...grid, variants: ["base", "duplicate"] })).toHaveLength(6);
  expect(() => plannedGrid({ ...grid, tasks: ["open-drawer"], variants: ["duplicate"] })).toThrow(/duplicate/);
});

test("unknown variants are refused with the nearest name", () => {
  expect(() => episodeSpec({ embodiment: "widowx", task: "pick", variant: "camera-hihg", seed: 0 })).toThrow(
    /camera-high/,
  );
});
