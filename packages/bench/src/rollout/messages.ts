import type { ActionChunk, EpisodeContext, Observation } from "../policies/policy.ts";
import type { PolicySpec } from "../policies/load-policy.ts";
import type { EpisodeKey } from "../tasks/episode-spec.ts";
import type { Demonstration } from "../record/record-episode.ts";
import type { NoiseOptions } from "../record/noisy-expert.ts";
import type { PlayedEpisode, RolloutOptions } from "./run-episode.ts";

/** What a rollout worker is started with. */
export interface WorkerSetup {
  /** Made inside the worker; `undefined`: the main thread's policy answers by messages. */
  readonly policySpec: PolicySpec | undefined;
  /** Name and needs of the main thread's policy. */
  readonly remote: { readonly name: string; readonly usesImage: boolean } | undefined;
  /** Set: the disturbed expert plays and its demonstrations come back. */
  readonly record: { readonly noise: NoiseOptions } | undefined;
  readonly options: RolloutOptions;
}

/** Main thread to worker. */
export type ToWorker =
  | { readonly type: "play"; readonly key: EpisodeKey }
  | { readonly type: "answer"; readonly chunk?: ActionChunk; readonly error?: string };

/** Worker to main thread. */
export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "failed"; readonly code: string; readonly message: string }
  | { readonly type: "played"; readonly played: PlayedEpisode; readonly demonstration?: Demonstration }
  | { readonly type: "reset"; readonly context: EpisodeContext }
  | { readonly type: "act"; readonly observation: Observation };
