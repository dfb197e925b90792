import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { HEARTBEAT_STALE_MS, listJobs, observeState, readStatus } from "./reader.ts";
import type { JobStatus } from "./status.ts";
import { JobWriter } from "./writer.ts";

const status = (changes: Partial<JobStatus>): JobStatus => ({
  version: 1,
  kind: "train",
  state: "running",
  pid: 1,
  host: "elsewhere",
  createdAt: "2026-01-01T00:00:00.000Z",
  startedAt: "2026-01-01T00:00:00.000Z",
  heartbeatAt: "2026-01-01T00:00:00.000Z",
  endedAt: null,
  workedS: 0,
  phase: null,
  progress: { done: 0, total: null, unit: "train steps", ratePerS: null, etaS: null },
  error: null,
  ...changes,
});
const atMs = Date.parse("2026-01-01T00:00:00.000Z");

test("a working job on another machine is lost once its heartbeat is stale", () => {
  expect(observeState(status({}), atMs + HEARTBEAT_STALE_MS - 1)).toBe("running");
  expect(observeState(status({}), atMs + HEARTBEAT_STALE_MS + 1)).toBe("lost");
});

test("jobs that need no process are never lost", () => {
  for (const state of ["queued", "stopped", "done", "failed"] as const)
    expect(observeState(status({ state }), atMs + 1e9)).toBe(state);
});

test("a folder of jobs lists newest first, names what cannot be read, and looks into a sweep's cells", async () => {
  const runs = mkdtempSync(join(tmpdir(), "pixelvla-runs-"));
  const options = { kind: "train", config: {}, unit: "train steps", total: 1 } as const;
  new JobWriter(join(runs, "a"), options).close("done");
  await new Promise((resolve) => setTimeout(resolve, 5));
  new JobWriter(join(runs, "sweep"), { ...options, kind: "sweep" }).close("done");
  await new Promise((resolve) => setTimeout(resolve, 5));
  new JobWriter(join(runs, "sweep", "cells", "seed-1"), options).close("done");
  mkdirSync(join(runs, "broken"));
  writeFileSync(join(runs, "broken", "status.json"), "{");
  mkdirSync(join(runs, "no-job"));
  const { jobs, unreadable } = await listJobs(runs);
  expect(jobs.map((job) => job.id)).toEqual(["seed-1", "sweep", "a"]);
  expect(unreadable).toMatchObject([{ code: "PVLA_JOB_FILE", dir: join(runs, "broken") }]);
});

test("a folder that is no job is refused with a sentence", async () => {
  await expect(readStatus(tmpdir())).rejects.toMatchObject({ code: "PVLA_JOB_NOT_FOUND" });
});
