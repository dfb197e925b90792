import { Random } from "@pixelvla/core";

import { EMBODIMENTS } from "../embodiments/embodiment.ts";
import { badOption } from "../errors.ts";
import { expertAction } from "../expert/expert.ts";
import { episodeName, type EpisodeKey } from "../tasks/episode-spec.ts";
import { ACTION_WIDTH, type ActionChunk, type EpisodeContext, type Policy } from "./policy.ts";

const one = (actions: Float32Array): ActionChunk => ({ chunkSize: 1, actions });

/** The scripted expert as a policy: reads the simulator, plans one step at a time. */
export function expertPolicy(): Policy {
  let context: EpisodeContext | undefined;
  return {
    name: "expert",
    usesImage: false,
    reset: (episode) => void (context = episode),
    act() {
      const view = context?.privileged?.();
      if (!view)
        throw badOption("policy", `"expert" across a thread or network`, "the expert inside the rollout worker");
      return one(expertAction(view));
    },
  };
}

/** Floor: never moves, keeps the gripper open. */
export function nullPolicy(): Policy {
  return {
    name: "null",
    usesImage: false,
    reset() {
      // Nothing to forget.
    },
    act: () => one(Float32Array.of(0, 0, 0, 0, 0, 0, 1)),
  };
}

/** Floor: uniform actions within half of what the embodiment accepts, seeded by the episode. */
export function randomPolicy(): Policy {
  let random = new Random(0);
  let key: EpisodeKey | undefined;
  return {
    name: "random",
    usesImage: false,
    reset({ episode }) {
      key = episode;
      random = new Random(`random policy ${episodeName(episode)}`);
    },
    act() {
      const { maxDeltaM, maxDeltaRad } = EMBODIMENTS[key!.embodiment];
      const actions = Float32Array.from({ length: ACTION_WIDTH }, (_, i) =>
        i === 6 ? random.uniform() : (random.uniform() - 0.5) * (i < 3 ? maxDeltaM : maxDeltaRad),
      );
      return one(actions);
    },
  };
}
