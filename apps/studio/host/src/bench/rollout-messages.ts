import type { EpisodeKey, EpisodeLog, PolicySpec, RolloutOptions } from "@pixelvla/bench";
import type { ControlCommand, RolloutEvent } from "@pixelvla/studio-contract";

/** What a rollout thread is started with. */
export type RolloutJob =
  | {
      readonly kind: "watch";
      readonly policy: PolicySpec;
      readonly episode: EpisodeKey;
      readonly options: Omit<RolloutOptions, "onStep" | "onEnd">;
      readonly stepMs: number;
      readonly isPaused: boolean;
    }
  | { readonly kind: "replay"; readonly log: EpisodeLog; readonly imageSizePx: number; readonly maskSource: string };

/** Host to thread. */
export type ToRollout = ControlCommand;

/** Thread to host. */
export type FromRollout =
  | { readonly event: RolloutEvent }
  | { readonly failure: { readonly code: string; readonly message: string; readonly fix: string | undefined } };
