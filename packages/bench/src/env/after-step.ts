import type { EpisodeSpec } from "../tasks/episode-spec.ts";
import type { TabletopWorld } from "./tabletop-world.ts";

/** The benchmark's own disturbance after an env step (variant "moved-target"), unless the target is being touched. */
export function perturb(world: TabletopWorld, { targetMove, goal }: EpisodeSpec): void {
  if (!targetMove || "drawer" in goal || world.stepIndex !== targetMove.afterSteps) return;
  const touched = world
    .snapshot()
    .touches.some(({ a, b }) => [a, b].includes(goal.targetId) && [a, b].some((owner) => owner.startsWith("finger-")));
  if (!touched) world.moveObject(goal.targetId, targetMove.xM, targetMove.yM);
}

/** The whole mechanical state as bytes, for hashes. */
export function stateBytes({ simulation }: TabletopWorld): Uint8Array {
  const { qpos, qvel } = simulation;
  const bytes = new Float64Array(qpos.length + qvel.length);
  bytes.set(qpos);
  bytes.set(qvel, qpos.length);
  return new Uint8Array(bytes.buffer);
}
