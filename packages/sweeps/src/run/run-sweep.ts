import { readJob, JobWriter } from "@pixelvla/jobs";
import { tasksFailed } from "../errors.ts";
import type { LoadedSweep } from "../plan/sweep-file.ts";
import type { SweepPlan } from "../plan/task.ts";
import { schedule, type TaskState } from "./scheduler.ts";
import { recordSweep, taskDir } from "./sweep-folder.ts";

/** How a sweep stands, for a live view; the truth is in its directory and those of its cells. */
export interface SweepProgress {
  /** Tasks done, those at work counted by their own progress. */
  readonly done: number;
  readonly total: number;
  readonly etaS: number | null;
  readonly nFailed: number;
  /** Tasks at work and how far each is. */
  readonly running: readonly string[];
}

export interface RunSweepOptions {
  /** Job directory; made when it is not there, gone on with when it holds this sweep. */
  readonly dir: string;
  readonly loaded: LoadedSweep;
  readonly plan: SweepPlan;
  /** Tasks at work at the same time, each with the threads it was planned with. */
  readonly workers: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SweepProgress) => void;
}

const TICK_MS = 1000;

/**
 * Runs a sweep in a job directory of its own, its cells being job directories below `cells/`. What an earlier attempt finished stays.
 * @throws PVLA_SWEEP_CHANGED, PVLA_SWEEP_FAILED, PVLA_JOB_LOCKED
 */
export async function runSweep(options: RunSweepOptions): Promise<"done" | "stopped"> {
  const { dir, loaded, plan, workers, signal, onProgress } = options;
  const job = new JobWriter(dir, {
    kind: "sweep",
    config: { version: 1, sweepFile: loaded.file, sweep: loaded.sweep },
    unit: "cells",
    total: plan.tasks.length,
    resume: true,
    tensorboard: false,
  });
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) stop.abort();
  let states: ReadonlyMap<string, TaskState> = new Map();
  const report = async () => {
    const progress = await progressOf(dir, states);
    job.progress(progress.done, progress.running.join(", ").slice(0, 120) || null);
    onProgress?.({ ...progress, etaS: job.status.progress.etaS });
  };
  const tick = setInterval(() => {
    void report();
    void job.takeCommands().then((commands) => commands.includes("stop") && stop.abort());
  }, TICK_MS);
  try {
    recordSweep(dir, loaded.sweep, plan);
    let told: ReadonlyMap<string, TaskState> = new Map();
    const ends = await schedule({
      dir,
      tasks: plan.tasks,
      workers,
      signal: stop.signal,
      onChange(now) {
        for (const [id, state] of now) if (told.get(id) !== state && state !== "waiting") job.log(`${id}: ${state}`);
        told = new Map(now);
        states = now;
      },
    });
    await report();
    const failed = ends.filter(({ state }) => state === "failed");
    if (failed.length > 0) {
      const nBlocked = ends.filter(({ state }) => state === "blocked").length;
      throw tasksFailed(
        failed.map(({ id, message }) => ({ id, message: message ?? "no reason given" })),
        nBlocked,
      );
    }
    const outcome = ends.every(({ state }) => state === "done") ? "done" : "stopped";
    job.close(outcome);
    return outcome;
  } catch (error) {
    job.close("failed", error);
    throw error;
  } finally {
    clearInterval(tick);
    signal?.removeEventListener("abort", onAbort);
  }
}

/** Counts tasks; one at work counts by the share it has done. */
async function progressOf(dir: string, states: ReadonlyMap<string, TaskState>): Promise<Omit<SweepProgress, "etaS">> {
  let done = 0;
  const running: string[] = [];
  for (const [id, state] of states) {
    if (state === "done") done++;
    if (state !== "running") continue;
    const job = await readJob(taskDir(dir, id)).catch(() => undefined);
    const { done: part = 0, total = null } = job?.status.progress ?? {};
    const share = total === null || total === 0 ? 0 : Math.min(1, part / total);
    done += 0.999 * share;
    running.push(`${id} ${Math.floor(100 * share)} %`);
  }
  const nFailed = [...states.values()].filter((state) => state === "failed" || state === "blocked").length;
  return { done, total: states.size, nFailed, running };
}
