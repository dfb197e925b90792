import { createStore, type Store } from "../store/store.ts";
import type { EpisodeOutcome, RolloutEvent, RolloutStart, RolloutStep } from "../host/types.ts";

/** A rollout as far as it has arrived, and the moment of it that is shown. */
export interface Rollout {
  readonly start: RolloutStart | undefined;
  readonly steps: readonly RolloutStep[];
  /** Index into `steps` of what is shown. */
  readonly shown: number;
  /** Whether the newest step is shown as it arrives. */
  readonly isFollowing: boolean;
  readonly isOver: boolean;
  readonly outcome: EpisodeOutcome | undefined;
}

export const emptyRollout: Rollout = {
  start: undefined,
  steps: [],
  shown: 0,
  isFollowing: true,
  isOver: false,
  outcome: undefined,
};

/** The rollout after an event. */
export function rolloutAfter(rollout: Rollout, event: RolloutEvent): Rollout {
  if (event.kind === "start") return { ...emptyRollout, isFollowing: rollout.isFollowing, start: event };
  if (event.kind === "end") return { ...rollout, isOver: true, outcome: event.outcome ?? rollout.outcome };
  const steps = [...rollout.steps, event];
  return { ...rollout, steps, shown: rollout.isFollowing ? steps.length - 1 : rollout.shown };
}

/** The rollout with another moment shown; going to the last one follows again. */
export function shownAt(rollout: Rollout, shown: number): Rollout {
  const last = Math.max(0, rollout.steps.length - 1);
  const at = Math.min(last, Math.max(0, shown));
  return { ...rollout, shown: at, isFollowing: at === last && !rollout.isOver };
}

export type RolloutStore = Store<Rollout>;
export const createRollout = (): RolloutStore => createStore(emptyRollout);

/** `[G, 12]` of a step. */
export function posesOf({ poses }: Pick<RolloutStep, "poses">): Float32Array {
  const bytes = Uint8Array.from(atob(poses), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}
