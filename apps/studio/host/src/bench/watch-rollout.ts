import { loadPolicy, runEpisode, type StepView } from "@pixelvla/bench";
import type { RolloutEvent } from "@pixelvla/studio-contract";
import type { PlayControl } from "./play-control.ts";
import { actionRows, outcomeOf, startEvent, stepEvent } from "./rollout-events.ts";
import type { RolloutJob } from "./rollout-messages.ts";

/** How far a pushed object moves in one env step, metres: about a hand's reach in a few steps, never a jump. */
const PUSH_STEP_M = 0.03;

/** Plays one episode at the user's pace and tells every moment. An object that is dragged moves on the table before the env step. */
export async function watch(
  { policy: spec, episode, options }: Extract<RolloutJob, { kind: "watch" }>,
  control: PlayControl,
  tell: (event: RolloutEvent) => void,
): Promise<void> {
  const policy = await loadPolicy(spec);
  let isStarted = false;
  let last: StepView | undefined;
  let isPushed = false;
  try {
    const { result } = await runEpisode(policy, episode, {
      ...options,
      async onStep(step) {
        if (!isStarted) tell(startEvent(step.world, step.spec));
        isStarted = true;
        last = step;
        tell(await stepEvent(step.world, step.frame(), step.objectMask, actionRows(step.intended), isPushed));
        await control.turn();
        isPushed = pushObject(step, control);
      },
      onEnd: async (world) => {
        if (last !== undefined) tell(await stepEvent(world, last.frame(), last.objectMask, [], isPushed));
      },
    });
    tell({ kind: "end", outcome: outcomeOf(result) });
  } finally {
    await policy.close?.();
  }
}

/** Moves the dragged object towards the pointer. What the gripper holds cannot be dragged away. */
function pushObject({ world }: StepView, { push }: PlayControl): boolean {
  if (push === undefined) return false;
  const { objects, graspedIds } = world.snapshot();
  const object = objects.find(({ spec }) => spec.id === push.objectId);
  if (object === undefined || graspedIds.includes(push.objectId)) return false;
  const [x, y] = object.positionM;
  const [dx, dy] = [push.xM - x, push.yM - y];
  const distance = Math.hypot(dx, dy);
  if (distance < 1e-4) return false;
  const share = Math.min(1, PUSH_STEP_M / distance);
  world.moveObject(push.objectId, x + share * dx, y + share * dy);
  return true;
}
