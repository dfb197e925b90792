import { expect, test } from "vitest";

import { stateVector } from "../rollout/observation.ts";
import { episodeSpec } from "../tasks/episode-spec.ts";
import { TabletopWorld } from "./tabletop-world.ts";

const spec = (embodiment: "widowx" | "google-robot", seed = 0) =>
  episodeSpec({ embodiment, task: "pick", variant: "base", seed });

test("nothing moves by itself", async () => {
  const world = await TabletopWorld.create(spec("widowx").scene);
  const before = world.snapshot();
  for (let step = 0; step < 10; step++) world.step(Float32Array.of(0, 0, 0, 0, 0, 0, 1));
  for (const [i, { positionM }] of world.snapshot().objects.entries())
    for (const axis of [0, 1, 2])
      expect(Math.abs(positionM[axis]! - before.objects[i]!.positionM[axis]!)).toBeLessThan(5e-4);
  world.dispose();
});

test.each(["widowx", "google-robot"] as const)("%s follows deltas in metres and radians", async (embodiment) => {
  const world = await TabletopWorld.create(spec(embodiment).scene);
  const before = world.snapshot().hand;
  for (let step = 0; step < 2; step++) world.step(Float32Array.of(0.01, -0.02, 0.015, 0, 0, 0.2, 1));
  for (let step = 0; step < 2; step++) world.step(Float32Array.of(0, 0, 0, 0, 0, 0, 1));
  const after = world.snapshot().hand;
  const moved = after.positionM.map((value, axis) => value - before.positionM[axis]!);
  const tolerance = embodiment === "widowx" ? 0.001 : 0.004; // deltas on the measured pose lose the tracking lag
  [0.02, -0.04, 0.03].forEach((wanted, axis) => expect(Math.abs(moved[axis]! - wanted)).toBeLessThan(tolerance));
  expect(Math.abs(after.yawRad - before.yawRad - 0.4)).toBeLessThan(0.03);
  world.dispose();
});

test("a state that is no number any more is reported, not stepped over", async () => {
  const world = await TabletopWorld.create(spec("widowx").scene);
  world.simulation.qvel[3] = 1e12;
  expect(world.step(Float32Array.of(0, 0, 0, 0, 0, 0, 1)).exploded).toBe(true);
  world.dispose();
});

test("states have the layout of Bridge and Fractal", async () => {
  for (const embodiment of ["widowx", "google-robot"] as const) {
    const world = await TabletopWorld.create(spec(embodiment).scene);
    const state = stateVector(embodiment, world.snapshot().hand);
    expect(state).toHaveLength(world.embodiment.stateNames.length);
    expect(state[7]).toBeCloseTo(embodiment === "widowx" ? 1 : 0, 1);
    if (embodiment === "google-robot") expect(Math.hypot(...state.subarray(3, 7))).toBeCloseTo(1, 6);
    world.dispose();
  }
});

test("worlds and their memory come and go", async () => {
  const { scene } = spec("widowx");
  const warm = await TabletopWorld.create(scene);
  const heapBytes = () => warm.simulation.qpos.buffer.byteLength;
  const before = heapBytes();
  for (let i = 0; i < 40; i++) {
    const world = await TabletopWorld.create(scene);
    world.snapshot();
    world.dispose();
  }
  expect(heapBytes()).toBe(before);
  warm.dispose();
});
