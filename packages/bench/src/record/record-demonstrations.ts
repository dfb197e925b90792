import { TRAINING_SEEDS_FROM, type EpisodeKey } from "../tasks/episode-spec.ts";
import { runRollouts } from "../rollout/run-rollouts.ts";
import type { EpisodeResult } from "../rollout/outcome.ts";
import type { EmbodimentName } from "../scene/scene-spec.ts";
import type { TaskName } from "../tasks/task.ts";
import { DEFAULT_NOISE, type NoiseOptions } from "./noisy-expert.ts";
import type { Demonstration } from "./record-episode.ts";

/** Where demonstrations go. `add` is awaited before the worker that made it goes on, and never called while one is under way. */
export interface DemonstrationSink {
  /** Whether an episode is there already: a resumed recording skips it. */
  has(key: EpisodeKey): boolean;
  add(demonstration: Demonstration): Promise<void>;
  /** Publishes what is left. */
  close(): Promise<void>;
  /** Throws away what is not published. */
  abort(): Promise<void>;
}

/** What to record. */
export interface RecordPlan {
  readonly embodiment: EmbodimentName;
  readonly tasks: readonly TaskName[];
  readonly variants: readonly string[];
  /** Attempts for each task and variant; failures are dropped. */
  readonly nEpisodes: number;
  /** Default `TRAINING_SEEDS_FROM`, so that no evaluation layout is ever shown. */
  readonly firstSeed?: number;
  readonly imageSizePx: number;
  readonly noise?: NoiseOptions;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onPlayed?: (result: EpisodeResult, nDone: number, nAll: number) => void;
}

/** What a recording came to. */
export interface RecordReport {
  readonly nAttempts: number;
  readonly nSkipped: number;
  readonly nRecorded: number;
  readonly nFrames: number;
  /** Failed attempts by outcome. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly durationS: number;
}

/** The episodes of a plan, interleaved over tasks and variants so that a stopped recording is still balanced. */
export function plannedEpisodes(plan: RecordPlan): EpisodeKey[] {
  const first = plan.firstSeed ?? TRAINING_SEEDS_FROM;
  return Array.from({ length: plan.nEpisodes }, (_, i) =>
    plan.tasks.flatMap((task) =>
      plan.variants.map((variant) => ({ embodiment: plan.embodiment, task, variant, seed: first + i })),
    ),
  ).flat();
}

/** Records demonstrations over worker threads into a sink. Stopped by the signal, it publishes what it has. */
export async function recordDemonstrations(plan: RecordPlan, sink: DemonstrationSink): Promise<RecordReport> {
  const startedMs = performance.now();
  const planned = plannedEpisodes(plan);
  const episodes = planned.filter((key) => !sink.has(key));
  const dropped: Record<string, number> = {};
  let [nRecorded, nFrames] = [0, 0];
  // Workers end episodes at any time; a sink writes one at a time.
  let adding: Promise<void> = Promise.resolve();
  const add = (demonstration: Demonstration) => (adding = adding.then(() => sink.add(demonstration)));
  try {
    await runRollouts({
      policy: { policy: "expert" },
      record: { noise: plan.noise ?? DEFAULT_NOISE },
      episodes,
      threads: plan.threads,
      options: { imageSizePx: plan.imageSizePx },
      ...(plan.signal ? { signal: plan.signal } : {}),
      async onPlayed({ result }, nDone, nAll, demonstration) {
        if (demonstration) {
          await add(demonstration);
          nRecorded++;
          nFrames += demonstration.nFrames;
        } else dropped[result.outcome] = (dropped[result.outcome] ?? 0) + 1;
        plan.onPlayed?.(result, nDone, nAll);
      },
    });
  } catch (error) {
    if (plan.signal?.aborted) await sink.close();
    else await sink.abort();
    throw error;
  }
  await sink.close();
  return {
    nAttempts: episodes.length,
    nSkipped: planned.length - episodes.length,
    nRecorded,
    nFrames,
    dropped,
    durationS: (performance.now() - startedMs) / 1000,
  };
}
