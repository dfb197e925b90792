import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { parse } from "yaml";
import { listCheckpoints, type Checkpoint } from "./checkpoints.ts";
import { badJobFile, notAJob } from "./errors.ts";
import { jobPaths } from "./paths.ts";
import { isProcessAlive, thisHost } from "./process-identity.ts";
import { ACTIVE_STATES, jobStatusSchema, type JobStatus, type ObservedState } from "./status.ts";

/** A job whose process is silent for longer than this is reported as lost. */
export const HEARTBEAT_STALE_MS = 30_000;

/** One job as a list shows it. */
export interface JobSummary {
  /** Folder name. */
  readonly id: string;
  readonly dir: string;
  readonly status: JobStatus;
  /** `status.state`, or `lost` when its process is gone or silent. */
  readonly observed: ObservedState;
  /** Milliseconds since the last heartbeat. */
  readonly silentMs: number;
}

/** One job in full. */
export interface JobDetail extends JobSummary {
  /** `config.yaml`, parsed. */
  readonly config: unknown;
  readonly checkpoints: readonly Checkpoint[];
  /** Paths inside `results/`, relative to it, sorted. */
  readonly results: readonly string[];
}

/** Reads `status.json` of the job in `dir`. @throws PVLA_JOB_NOT_FOUND, PVLA_JOB_FILE */
export async function readStatus(dir: string): Promise<JobStatus> {
  const { status } = jobPaths(dir);
  let text: string;
  try {
    text = await readFile(status, "utf8");
  } catch (error) {
    throw notAJob(dir, error);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw badJobFile(status, "status.json is not JSON", error);
  }
  const parsed = jobStatusSchema.safeParse(json);
  if (!parsed.success)
    throw badJobFile(status, `status.json does not fit its schema (${parsed.error.message})`, parsed.error);
  return parsed.data;
}

/** What a reader makes of a status at time `nowMs`. */
export function observeState(status: JobStatus, nowMs = Date.now(), staleMs = HEARTBEAT_STALE_MS): ObservedState {
  if (!ACTIVE_STATES.has(status.state)) return status.state;
  if (status.host === thisHost() && status.pid !== null && !isProcessAlive(status.pid)) return "lost";
  return nowMs - Date.parse(status.heartbeatAt) > staleMs ? "lost" : status.state;
}

/** Reads one job's summary. @throws PVLA_JOB_NOT_FOUND, PVLA_JOB_FILE */
export async function readJob(dir: string): Promise<JobSummary> {
  const status = await readStatus(dir);
  const nowMs = Date.now();
  return {
    id: basename(dir),
    dir,
    status,
    observed: observeState(status, nowMs),
    silentMs: Math.max(0, nowMs - Date.parse(status.heartbeatAt)),
  };
}

/** Reads one job with its config, checkpoints and result files. @throws PVLA_JOB_NOT_FOUND, PVLA_JOB_FILE */
export async function readJobDetail(dir: string): Promise<JobDetail> {
  const [summary, config, results] = await Promise.all([readJob(dir), readJobConfig(dir), listResults(dir)]);
  return { ...summary, config, checkpoints: listCheckpoints(dir), results };
}

/** The resolved configuration of the job in `dir`; undefined before the job has written it. @throws PVLA_JOB_FILE */
export async function readJobConfig(dir: string): Promise<unknown> {
  const { config } = jobPaths(dir);
  const text = await readFile(config, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw badJobFile(config, "config.yaml is not YAML", error);
  }
}

async function listResults(dir: string): Promise<string[]> {
  const { results } = jobPaths(dir);
  const entries = await readdir(results, { withFileTypes: true, recursive: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(results.length + 1)
        .replaceAll("\\", "/"),
    )
    .sort();
}

/** A folder in `runs/` that is meant to be a job but cannot be read. */
export interface UnreadableJob {
  readonly dir: string;
  readonly code: string;
  readonly message: string;
}

/** Jobs of a workspace. */
export interface JobList {
  /** Newest first. */
  readonly jobs: readonly JobSummary[];
  readonly unreadable: readonly UnreadableJob[];
}

/**
 * Lists the jobs in `runsDir` (a workspace's `runs/`), newest first. Folders without a status.json are passed over, and
 * one level deeper is searched in them, which is where a sweep keeps its cells.
 */
export async function listJobs(runsDir: string): Promise<JobList> {
  const dirs = await jobDirs(runsDir, 2);
  const unreadable: UnreadableJob[] = [];
  const read = await Promise.all(
    dirs.map((dir) =>
      readJob(dir).catch((error: unknown) => {
        const { code = "PVLA_JOB_FILE", message } = error as { code?: string; message: string };
        unreadable.push({ dir, code, message });
        return undefined;
      }),
    ),
  );
  const jobs = read.filter((job) => job !== undefined);
  jobs.sort((a, b) => b.status.createdAt.localeCompare(a.status.createdAt) || b.id.localeCompare(a.id));
  return { jobs, unreadable };
}

async function jobDirs(root: string, depth: number): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      if (entry.name.startsWith(".") || !(entry.isDirectory() || entry.isSymbolicLink())) return [];
      const dir = join(root, entry.name);
      const isJob = await stat(jobPaths(dir).status).then(
        () => true,
        () => false,
      );
      const inner = depth > 1 ? await jobDirs(isJob ? join(dir, "cells") : dir, depth - 1) : [];
      return isJob ? [dir, ...inner] : inner;
    }),
  );
  return found.flat();
}
