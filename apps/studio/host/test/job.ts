import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

/** What a test job says of itself. */
export interface TestJob {
  readonly state?: "queued" | "running" | "paused" | "stopped" | "done" | "failed";
  readonly config?: string;
  /** Rows of `metrics.jsonl`. */
  readonly metrics?: readonly object[];
  readonly pid?: number;
}

/** Writes a job directory as a worker leaves it; a running one names this process. Returns its path. */
export function makeJob(
  workspace: string,
  name: string,
  { state = "done", config = "name: tiny\n", metrics = [], pid = process.pid }: TestJob = {},
): string {
  const dir = join(workspace, "runs", name);
  mkdirSync(dir, { recursive: true });
  const now = new Date().toISOString();
  const status = {
    version: 1,
    kind: "train",
    state,
    pid: state === "queued" ? null : pid,
    host: hostname(),
    createdAt: now,
    startedAt: now,
    heartbeatAt: now,
    endedAt: null,
    workedS: 1,
    phase: null,
    progress: { done: metrics.length, total: 100, unit: "train steps", ratePerS: 2, etaS: 10 },
    error: null,
  };
  writeFileSync(join(dir, "status.json"), JSON.stringify(status));
  writeFileSync(join(dir, "config.yaml"), config);
  writeFileSync(join(dir, "log.txt"), "hello\n");
  writeFileSync(join(dir, "metrics.jsonl"), metrics.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return dir;
}
