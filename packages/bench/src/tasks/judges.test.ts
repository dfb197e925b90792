import { describe, expect, test } from "vitest";

import { extentsOf, type Snapshot, type Touch } from "../env/snapshot.ts";
import { matrixFromEuler } from "../scene/rotation.ts";
import { judgeOf } from "./judges.ts";
import type { Goal, Verdict } from "./task.ts";

/** A made-up moment: objects by shape and position, what touches, what is grasped. */
interface Moment {
  objects?: [shape: string, x: number, y: number, z: number][];
  touches?: [string, string][];
  grasped?: string[];
  drawers?: [number, number, number];
}

function snapshot({ objects = [], touches = [], grasped = [], drawers }: Moment): Snapshot {
  return {
    stepIndex: 0,
    objects: objects.map(([shape, x, y, z], i) => {
      const spec = { id: `object${i}`, shape, colour: "red", xM: x, yM: y, yawRad: 0 };
      return { spec, positionM: [x, y, z], rotation: matrixFromEuler(0, 0, 0), ...extentsOf(spec) };
    }),
    ...(drawers ? { drawersM: { top: drawers[0], middle: drawers[1], bottom: drawers[2] } } : {}),
    touches: touches.map(([a, b]): Touch => ({ a, b })),
    graspedIds: grasped,
    hand: {
      positionM: [0, 0, 0.2],
      rollRad: 0,
      pitchRad: 0,
      yawRad: 0,
      commandedPositionM: [0, 0, 0.2],
      commandedYawRad: 0,
      opening: 1,
    },
  };
}

function judged(goal: Goal, start: Moment, ...moments: Moment[]): Verdict {
  const judge = judgeOf(goal, snapshot(start));
  let verdict = judge.update(snapshot(start));
  for (const moment of moments) verdict = judge.update(snapshot(moment));
  return verdict;
}

const TABLE_TOUCH: [string, string][] = [["object0", "table"]];

describe("pick", () => {
  const goal: Goal = { task: "pick", targetId: "object0" };
  const start: Moment = {
    objects: [
      ["cube", 0, 0, 0.018],
      ["ball", 0.1, 0, 0.02],
    ],
    touches: TABLE_TOUCH,
  };
  const at = (z: number, more: Moment = {}): Moment => ({
    objects: [
      ["cube", 0, 0, z],
      ["ball", 0.1, 0, 0.02],
    ],
    ...more,
  });

  test("succeeds 1 cm up without contacts, and stays a success", () => {
    expect(
      judged(goal, start, at(0.03, { grasped: ["object0"], touches: [["finger-left", "object0"]] }), at(0.018)).success,
    ).toBe(true);
  });
  test("fails just below 1 cm, and while the table still touches", () => {
    expect(judged(goal, start, at(0.0275)).success).toBe(false);
    expect(judged(goal, start, at(0.032, { touches: TABLE_TOUCH })).success).toBe(false);
  });
  test("succeeds after five env steps 2 cm up whatever touches, not after four", () => {
    const leaning = at(0.04, { touches: TABLE_TOUCH });
    expect(judged(goal, start, leaning, leaning, leaning, leaning).success).toBe(false);
    expect(judged(goal, start, leaning, leaning, leaning, leaning, leaning).success).toBe(true);
  });
  test("a grasp counts apart from success, and is remembered", () => {
    const verdict = judged(goal, start, at(0.018, { grasped: ["object0"] }), at(0.018));
    expect(verdict).toEqual({ success: false, grasped: true, wrongObject: false });
  });
  test("another object held 2 cm up is the wrong object; touching it is not", () => {
    const other = (z: number): Moment => ({
      objects: [
        ["cube", 0, 0, 0.018],
        ["ball", 0.1, 0, z],
      ],
      grasped: ["object1"],
    });
    expect(judged(goal, start, other(0.045)).wrongObject).toBe(true);
    expect(judged(goal, start, other(0.025)).wrongObject).toBe(false);
  });
});

describe("move near", () => {
  const goal: Goal = { task: "move-near", targetId: "object0", placeId: "object1" };
  const start: Moment = {
    objects: [
      ["cube", 0, -0.12, 0.018],
      ["cube", 0, 0.1, 0.018],
      ["cube", 0.1, 0, 0.018],
    ],
  };
  const at = (y: number, otherX = 0.1, otherZ = 0.018): Moment => ({
    objects: [
      ["cube", 0, y, 0.018],
      ["cube", 0, 0.1, 0.018],
      ["cube", otherX, 0, otherZ],
    ],
  });

  test("succeeds inside half diagonals plus slack, fails outside", () => {
    const reach = 2 * Math.hypot(0.018, 0.018) + 0.04;
    expect(judged(goal, start, at(0.1 - reach + 0.001)).success).toBe(true);
    expect(judged(goal, start, at(0.1 - reach - 0.001)).success).toBe(false);
  });
  test("is judged at the end, not latched", () => {
    expect(judged(goal, start, at(0.04), at(-0.12)).success).toBe(false);
  });
  test("fails when another object moved more, is nearer, or fell", () => {
    expect(judged(goal, start, at(0.04, 0.4)).success).toBe(false);
    expect(judged(goal, start, at(0.02, 0.01)).success).toBe(false);
    expect(judged(goal, start, at(0.04, 0.1, -0.05)).success).toBe(false);
  });
  test("fails when the target was only nudged", () => {
    const close: Moment = {
      objects: [
        ["cube", 0, 0.02, 0.018],
        ["cube", 0, 0.1, 0.018],
      ],
    };
    expect(
      judged(goal, close, {
        objects: [
          ["cube", 0, 0.045, 0.018],
          ["cube", 0, 0.1, 0.018],
        ],
      }).success,
    ).toBe(false);
    expect(
      judged(goal, close, {
        objects: [
          ["cube", 0, 0.055, 0.018],
          ["cube", 0, 0.1, 0.018],
        ],
      }).success,
    ).toBe(true);
  });
});

describe("put on and put in", () => {
  const on: Goal = { task: "put-on", targetId: "object0", placeId: "object1" };
  const inside: Goal = { task: "put-in", targetId: "object0", placeId: "object1" };
  const start = (place: string): Moment => ({
    objects: [
      ["cube", 0.1, 0, 0.018],
      [place, 0, 0, 0],
    ],
  });
  const at = (place: string, x: number, z: number, touches: [string, string][] = [["object0", "object1"]]): Moment => ({
    objects: [
      ["cube", x, 0, z],
      [place, 0, 0, 0],
    ],
    touches,
  });
  const onPlate = 0.006 + 0.018;

  test("succeeds resting on the plate, fails beside it, above it and under it", () => {
    expect(judged(on, start("plate"), at("plate", 0.02, onPlate)).success).toBe(true);
    expect(judged(on, start("plate"), at("plate", 0.085, onPlate)).success).toBe(false);
    expect(judged(on, start("plate"), at("plate", 0.02, onPlate + 0.021)).success).toBe(false);
    expect(judged(on, start("plate"), at("plate", 0.02, 0)).success).toBe(false);
  });
  test("on the plate nothing else may touch, on the towel it may", () => {
    const touching: [string, string][] = [
      ["object0", "object1"],
      ["object0", "table"],
    ];
    expect(judged(on, start("plate"), at("plate", 0.02, onPlate, touching)).success).toBe(false);
    expect(judged(on, start("towel"), at("towel", 0.02, 0.004 + 0.018, touching)).success).toBe(true);
  });
  test("the basket forgives 6 cm of height", () => {
    const onFloor = 0.005 + 0.018;
    expect(judged(inside, start("basket"), at("basket", 0.02, onFloor + 0.05)).success).toBe(true);
    expect(judged(inside, start("basket"), at("basket", 0.02, onFloor + 0.065)).success).toBe(false);
  });
});

describe("stack", () => {
  const goal: Goal = { task: "stack", targetId: "object0", placeId: "object1" };
  const start: Moment = {
    objects: [
      ["cube", 0.1, 0, 0.018],
      ["cube", 0, 0, 0.018],
    ],
  };
  const at = (x: number, z: number, touches: [string, string][] = [["object0", "object1"]]): Moment => ({
    objects: [
      ["cube", x, 0, z],
      ["cube", 0, 0, 0.018],
    ],
    touches,
  });
  test("succeeds on top, fails beside, and while leaning on the table", () => {
    expect(judged(goal, start, at(0.005, 0.054)).success).toBe(true);
    expect(judged(goal, start, at(0.04, 0.018)).success).toBe(false);
    expect(
      judged(
        goal,
        start,
        at(0.02, 0.04, [
          ["object0", "object1"],
          ["object0", "table"],
        ]),
      ).success,
    ).toBe(false);
  });
});

describe("drawers", () => {
  const open: Goal = { task: "open-drawer", drawer: "middle" };
  const close: Goal = { task: "close-drawer", drawer: "middle" };
  test("open is 15 cm, close is 5 cm, at the end", () => {
    expect(judged(open, { drawers: [0, 0, 0] }, { drawers: [0, 0.151, 0] }).success).toBe(true);
    expect(judged(open, { drawers: [0, 0, 0] }, { drawers: [0, 0.16, 0] }, { drawers: [0, 0.149, 0] }).success).toBe(
      false,
    );
    expect(judged(close, { drawers: [0, 0.2, 0] }, { drawers: [0, 0.049, 0] }).success).toBe(true);
    expect(judged(close, { drawers: [0, 0.2, 0] }, { drawers: [0, 0.051, 0] }).success).toBe(false);
  });
  test("moving another drawer is the wrong object", () => {
    expect(judged(open, { drawers: [0, 0, 0] }, { drawers: [0.04, 0, 0] })).toMatchObject({
      success: false,
      wrongObject: true,
    });
  });
  test("a grasp needs both fingers on the drawer", () => {
    const one: [string, string][] = [["drawer:middle", "finger-left"]];
    const both: [string, string][] = [...one, ["drawer:middle", "finger-right"]];
    expect(judged(open, { drawers: [0, 0, 0] }, { drawers: [0, 0, 0], touches: one }).grasped).toBe(false);
    expect(judged(open, { drawers: [0, 0, 0] }, { drawers: [0, 0, 0], touches: both }).grasped).toBe(true);
  });
});
