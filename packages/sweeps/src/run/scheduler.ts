import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { workerEntry } from "@pixelvla/core";
import { ACTIVE_STATES, dropCommand, jobPaths, readJob, type ObservedState } from "@pixelvla/jobs";
import type { SweepTask } from "../plan/task.ts";
import { taskDir } from "./sweep-folder.ts";

/** How a task stands. `blocked`: something it needs failed. */
export type TaskState = "waiting" | "running" | "done" | "failed" | "stopped" | "blocked";

export interface TaskEnd {
  readonly id: string;
  readonly state: Exclude<TaskState, "waiting" | "running">;
  /** Why it failed. */
  readonly message: string | undefined;
}

export interface ScheduleOptions {
  readonly dir: string;
  readonly tasks: readonly SweepTask[];
  /** Tasks at work at the same time. */
  readonly workers: number;
  readonly signal: AbortSignal;
  readonly onChange: (states: ReadonlyMap<string, TaskState>) => void;
}

const ORPHAN_POLL_MS = 1000;
/** Once asked to stop, a task has this long to save. */
const STOP_GRACE_MS = 60_000;

/**
 * Does the tasks, `workers` at a time, each in a process of its own and as soon as all it needs is done. Tasks that are done already
 * are left alone; those that failed or were stopped are taken up again.
 */
export async function schedule(options: ScheduleOptions): Promise<TaskEnd[]> {
  const { tasks, workers, signal, onChange } = options;
  const states = new Map<string, TaskState>();
  const messages = new Map<string, string>();
  for (const task of tasks)
    states.set(task.id, (await observed(options.dir, task.id)).state === "done" ? "done" : "waiting");
  const working = new Map<string, Promise<void>>();
  for (;;) {
    block(tasks, states);
    onChange(states);
    const ready = tasks.filter(
      ({ id, needs }) => states.get(id) === "waiting" && needs.every((need) => states.get(need) === "done"),
    );
    for (const task of ready) {
      if (working.size >= workers || signal.aborted) break;
      states.set(task.id, "running");
      const work = doTask(options, task).then(({ state, message }) => {
        states.set(task.id, state);
        if (message !== undefined) messages.set(task.id, message);
        working.delete(task.id);
      });
      working.set(task.id, work);
    }
    if (working.size === 0) break;
    onChange(states);
    await Promise.race(working.values());
  }
  return tasks.map(({ id }) => {
    const state = states.get(id)!;
    return { id, state: state === "waiting" || state === "running" ? "stopped" : state, message: messages.get(id) };
  });
}

/** Marks what can no longer begin. */
function block(tasks: readonly SweepTask[], states: Map<string, TaskState>): void {
  for (const { id, needs } of tasks) {
    const isLost = needs.some((need) => ["failed", "blocked"].includes(states.get(need)!));
    if (states.get(id) === "waiting" && isLost) states.set(id, "blocked");
  }
}

async function doTask(
  { dir, signal }: ScheduleOptions,
  task: SweepTask,
): Promise<{ state: "done" | "failed" | "stopped"; message: string | undefined }> {
  const own = taskDir(dir, task.id);
  // A task that outlived the sweep it belonged to: it is left to finish.
  while (ACTIVE_STATES.has((await observed(dir, task.id)).state as never) && !signal.aborted)
    await sleep(ORPHAN_POLL_MS);
  const before = await observed(dir, task.id);
  if (before.state === "done") return { state: "done", message: undefined };
  const { url, options } = workerEntry(import.meta.url, "./task-process").process;
  const output = openSync(`${jobPaths(own).log}.output`, "a");
  const child = spawn(process.execPath, [...options.execArgv, fileURLToPath(url), dir, task.id], {
    stdio: ["ignore", output, output],
    windowsHide: true,
  });
  closeSync(output);
  const stop = () => {
    void dropCommand(own, "stop").catch(() => undefined);
    setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS).unref();
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  const code = await new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
    child.once("error", () => resolve(null));
  });
  signal.removeEventListener("abort", stop);
  const { state, message } = await observed(dir, task.id);
  if (state === "done" || state === "stopped") return { state, message: undefined };
  if (signal.aborted) return { state: "stopped", message: undefined };
  return {
    state: "failed",
    message: message ?? `its process ended with status ${code}, see ${jobPaths(own).log}.output`,
  };
}

/** State of a task's job; `queued` where it has not begun. */
async function observed(dir: string, id: string): Promise<{ state: ObservedState; message: string | undefined }> {
  const job = await readJob(taskDir(dir, id)).catch(() => undefined);
  if (job === undefined) return { state: "queued", message: undefined };
  return { state: job.observed, message: job.status.error?.message };
}
