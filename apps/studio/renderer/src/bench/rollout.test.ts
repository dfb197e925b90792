import { expect, test } from "vitest";
import type { RolloutStart, RolloutStep } from "../host/types.ts";
import { emptyRollout, posesOf, rolloutAfter, shownAt } from "./rollout.ts";

const start = { kind: "start", instruction: "pick", geoms: [] } as unknown as RolloutStart;
const step = (stepIndex: number) => ({ kind: "step", stepIndex }) as unknown as RolloutStep;

test("the newest step is shown until the user goes back, and again from the last one on", () => {
  let rollout = [start, step(0), step(1), step(2)].reduce(rolloutAfter, emptyRollout);
  expect(rollout.shown).toBe(2);
  rollout = rolloutAfter(shownAt(rollout, 0), step(3));
  expect(rollout.shown).toBe(0);
  rollout = rolloutAfter(shownAt(rollout, 99), step(4));
  expect(rollout.shown).toBe(4);
  rollout = rolloutAfter(rollout, { kind: "end" });
  expect(rollout.isOver).toBe(true);
  expect(rolloutAfter(rollout, start).steps).toEqual([]);
});

test("poses come back as the numbers that were sent", () => {
  const sent = Float32Array.from({ length: 24 }, (_, i) => i / 8 - 1);
  const text = btoa(String.fromCharCode(...new Uint8Array(sent.buffer)));
  expect(posesOf({ poses: text })).toEqual(sent);
});
