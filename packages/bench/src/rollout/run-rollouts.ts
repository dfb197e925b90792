import { Worker } from "node:worker_threads";

import { PixelVlaError, workerEntry } from "@pixelvla/core";

import { badOption } from "../errors.ts";
import { loadPolicy, type PolicySpec } from "../policies/load-policy.ts";
import type { Policy } from "../policies/policy.ts";
import type { NoiseOptions } from "../record/noisy-expert.ts";
import { recordEpisode, type Demonstration } from "../record/record-episode.ts";
import { episodeSpec, type EpisodeKey } from "../tasks/episode-spec.ts";
import { encodeLog } from "./episode-log.ts";
import type { FromWorker, ToWorker, WorkerSetup } from "./messages.ts";
import { outcomeOf } from "./outcome.ts";
import { ROLLOUT_DEFAULTS, runEpisode, type PlayedEpisode, type RolloutOptions } from "./run-episode.ts";

/** What to play and how. */
export interface RolloutPlan {
  /** Made once per worker from a spec, or one live policy on this thread that answers one worker at a time. */
  readonly policy: PolicySpec | Policy;
  readonly episodes: readonly EpisodeKey[];
  readonly options?: Partial<Omit<RolloutOptions, "onStep" | "onEnd">>;
  /** Worker threads; 0 plays on this thread. */
  readonly threads: number;
  /** A worker that needs longer than this for one episode is killed and the episode counted as lost. */
  readonly episodeTimeoutS?: number;
  readonly signal?: AbortSignal;
  /** Plays the disturbed expert instead of the policy and hands over what it demonstrated. */
  readonly record?: { readonly noise: NoiseOptions };
  /** Called as episodes end, in no fixed order; the worker rests until it is done. */
  readonly onPlayed?: (
    played: PlayedEpisode,
    nDone: number,
    nAll: number,
    demonstration?: Demonstration,
  ) => Promise<void> | void;
}

const DEFAULT_TIMEOUT_S = 300;

/**
 * Plays every episode and returns them in the order of the plan. A worker that dies costs the episode it was playing, which is
 * reported as lost; another worker takes its place.
 *
 * @throws PVLA_BENCH_OPTION, and what making the policy throws
 */
export async function runRollouts(plan: RolloutPlan): Promise<PlayedEpisode[]> {
  const options = { ...ROLLOUT_DEFAULTS, ...plan.options };
  if (!Number.isInteger(plan.threads) || plan.threads < 0)
    throw badOption("threads", String(plan.threads), "a whole number, at least 0");
  if (!Number.isInteger(options.imageSizePx) || options.imageSizePx < 16 || options.imageSizePx > 512)
    throw badOption("image-size", String(options.imageSizePx), "a whole number from 16 to 512");
  if (!Number.isInteger(options.executeSteps) || options.executeSteps < 1)
    throw badOption("execute-steps", String(options.executeSteps), "a whole number, at least 1");
  for (const key of plan.episodes)
    if (key.seed < 0 || !Number.isInteger(key.seed))
      throw badOption("seeds", String(key.seed), "whole numbers, at least 0");
  return plan.threads === 0 ? playHere(plan, options) : new Pool(plan, options).run();
}

async function playHere(plan: RolloutPlan, options: RolloutOptions): Promise<PlayedEpisode[]> {
  const own = !isLive(plan.policy);
  const policy = isLive(plan.policy) ? plan.policy : await loadPolicy(plan.policy);
  const all: PlayedEpisode[] = [];
  try {
    for (const key of plan.episodes) {
      plan.signal?.throwIfAborted();
      const { played, demonstration } = plan.record
        ? await recordEpisode(key, { imageSizePx: options.imageSizePx, ...plan.record })
        : { played: await runEpisode(policy, key, options), demonstration: undefined };
      all.push(played);
      await plan.onPlayed?.(played, all.length, plan.episodes.length, demonstration);
    }
  } finally {
    if (own) await policy.close?.();
  }
  return all;
}

function isLive(policy: PolicySpec | Policy): policy is Policy {
  return "act" in policy;
}

/** One worker and what it is doing. */
interface Seat {
  readonly worker: Worker;
  ready: boolean;
  /** Index of the episode being played. */
  episodeIndex: number | undefined;
  timer: NodeJS.Timeout | undefined;
  timedOut: boolean;
}

class Pool {
  readonly #plan: RolloutPlan;
  readonly #options: RolloutOptions;
  readonly #results: (PlayedEpisode | undefined)[];
  readonly #seats = new Set<Seat>();
  #next = 0;
  #nDone = 0;
  #nReported = 0;
  #resolve!: (results: PlayedEpisode[]) => void;
  #reject!: (error: unknown) => void;

  constructor(plan: RolloutPlan, options: RolloutOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#results = plan.episodes.map(() => undefined);
  }

  async run(): Promise<PlayedEpisode[]> {
    if (this.#plan.episodes.length === 0) return [];
    const stop = () => this.#reject(this.#plan.signal!.reason);
    try {
      return await new Promise<PlayedEpisode[]>((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
        this.#plan.signal?.throwIfAborted();
        this.#plan.signal?.addEventListener("abort", stop, { once: true });
        // A live policy keeps one episode's state: more workers would only wait for it.
        const nSeats = isLive(this.#plan.policy) ? 1 : Math.min(this.#plan.threads, this.#plan.episodes.length);
        for (let i = 0; i < nSeats; i++) this.#addSeat();
      });
    } finally {
      this.#plan.signal?.removeEventListener("abort", stop);
      const seats = [...this.#seats];
      this.#seats.clear();
      for (const { timer } of seats) clearTimeout(timer);
      await Promise.all(seats.map(({ worker }) => worker.terminate()));
    }
  }

  #addSeat(): void {
    const { policy } = this.#plan;
    const setup: WorkerSetup = {
      policySpec: isLive(policy) ? undefined : policy,
      remote: isLive(policy) ? { name: policy.name, usesImage: policy.usesImage !== false } : undefined,
      record: this.#plan.record,
      options: this.#options,
    };
    const { url, options } = workerEntry(import.meta.url, "./rollout-worker").thread;
    const worker = new Worker(url, { ...options, workerData: setup });
    const seat: Seat = { worker, ready: false, episodeIndex: undefined, timer: undefined, timedOut: false };
    this.#seats.add(seat);
    worker.on("message", (message: FromWorker) => this.#onMessage(seat, message));
    worker.on("error", (error) => this.#onGone(seat, error instanceof Error ? error.message : String(error)));
    worker.on("exit", (code) => this.#onGone(seat, `it exited with code ${code}`));
  }

  #onMessage(seat: Seat, message: FromWorker): void {
    switch (message.type) {
      case "ready":
        seat.ready = true;
        this.#deal(seat);
        return;
      case "failed":
        this.#reject(new PixelVlaError(message.code, message.message));
        return;
      case "played": {
        const index = seat.episodeIndex!;
        this.#rest(seat);
        void this.#record(index, message.played, message.demonstration).then(() => this.#deal(seat));
        return;
      }
      case "reset":
      case "act":
        void this.#answer(seat, message);
    }
  }

  async #answer(seat: Seat, message: Extract<FromWorker, { type: "reset" | "act" }>): Promise<void> {
    const policy = this.#plan.policy as Policy;
    let reply: ToWorker;
    try {
      if (message.type === "reset") {
        await policy.reset(message.context);
        reply = { type: "answer" };
      } else reply = { type: "answer", chunk: await policy.act(message.observation) };
    } catch (error) {
      reply = { type: "answer", error: error instanceof Error ? error.message : String(error) };
    }
    if (this.#seats.has(seat)) seat.worker.postMessage(reply);
  }

  #deal(seat: Seat): void {
    if (!this.#seats.has(seat)) return;
    const index = this.#next++;
    const key = this.#plan.episodes[index];
    if (!key) return;
    seat.episodeIndex = index;
    const timeoutS = this.#plan.episodeTimeoutS ?? DEFAULT_TIMEOUT_S;
    seat.timer = setTimeout(() => {
      seat.timedOut = true;
      void seat.worker.terminate();
    }, timeoutS * 1000);
    const message: ToWorker = { type: "play", key };
    seat.worker.postMessage(message);
  }

  #rest(seat: Seat): void {
    clearTimeout(seat.timer);
    seat.episodeIndex = undefined;
  }

  /** A worker is gone: count its episode as lost and fill the seat again. */
  #onGone(seat: Seat, reason: string): void {
    if (!this.#seats.delete(seat)) return;
    const index = seat.episodeIndex;
    this.#rest(seat);
    if (!seat.ready) {
      this.#reject(new PixelVlaError("PVLA_BENCH_WORKER", `Starting a rollout worker: ${reason}.`));
      return;
    }
    if (index !== undefined)
      void this.#record(
        index,
        lostEpisode(this.#plan.episodes[index]!, seat.timedOut ? "it was too slow and was stopped" : reason),
      );
    if (this.#next < this.#plan.episodes.length) this.#addSeat();
  }

  async #record(index: number, played: PlayedEpisode, demonstration?: Demonstration): Promise<void> {
    this.#results[index] = played;
    this.#nDone++;
    const [nDone, nAll] = [this.#nDone, this.#results.length];
    try {
      await this.#plan.onPlayed?.(played, nDone, nAll, demonstration);
    } catch (error) {
      this.#reject(error);
    }
    this.#nReported++;
    if (this.#nReported === nAll) this.#resolve(this.#results as PlayedEpisode[]);
  }
}

/** What is known of an episode whose worker died. */
function lostEpisode(key: EpisodeKey, reason: string): PlayedEpisode {
  const fault = { kind: "worker-lost", message: `the worker was lost: ${reason}` } as const;
  const verdict = { success: false, grasped: false, wrongObject: false };
  return {
    result: {
      ...key,
      instruction: episodeSpec(key).instruction,
      outcome: outcomeOf(verdict, fault),
      ...verdict,
      nSteps: 0,
      nClipped: 0,
      nQueries: 0,
      fault,
      wallMs: 0,
      policyMs: 0,
    },
    log: encodeLog(key, [], "0".repeat(64)),
  };
}
