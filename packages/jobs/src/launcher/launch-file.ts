import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "../atomic-file.ts";
import { badJobFile } from "../errors.ts";
import { jobPaths } from "../paths.ts";
import { thisHost } from "../process-identity.ts";
import { STATUS_VERSION, type JobKind, type JobStatus } from "../status.ts";

/** `launch.json`: how the working process of a job is started. */
export const launchFileSchema = z.object({
  version: z.literal(1),
  command: z.array(z.string()).min(1).describe("Program and its arguments"),
  cwd: z.string(),
  env: z.record(z.string(), z.string()).describe("Variables added to those of the launcher"),
  launcher: z
    .object({ name: z.string(), id: z.string().nullable() })
    .optional()
    .describe("The scheduler that has the job and its name there"),
});
export type LaunchFile = z.output<typeof launchFileSchema>;

/** What to launch. */
export interface LaunchRequest {
  /** Folder of jobs, usually a workspace's `runs/`. */
  readonly runsDir: string;
  /** Folder name wished for; a number is added when it is taken. */
  readonly name: string;
  readonly kind: JobKind;
  /** Program and arguments for the job in `dir`. */
  readonly command: (dir: string) => readonly string[];
  /** Goes on with the job in `dir` after its process was lost; schedulers that start jobs again use it. */
  readonly resumeCommand?: (dir: string) => readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly total?: number | null;
}

/** Makes a job directory in the state `queued`. Returns its path. */
export function createQueuedJob(request: LaunchRequest): string {
  const dir = createJobDir(request.runsDir, request.name);
  const launch: LaunchFile = {
    version: 1,
    command: [...request.command(dir)],
    cwd: request.cwd ?? process.cwd(),
    env: { ...request.env },
  };
  const now = new Date().toISOString();
  const status: JobStatus = {
    version: STATUS_VERSION,
    kind: request.kind,
    state: "queued",
    pid: null,
    host: thisHost(),
    createdAt: now,
    startedAt: null,
    heartbeatAt: now,
    endedAt: null,
    workedS: 0,
    phase: null,
    progress: { done: 0, total: request.total ?? null, unit: request.unit, ratePerS: null, etaS: null },
    error: null,
  };
  writeFileAtomic(jobPaths(dir).launch, JSON.stringify(launch, null, 2) + "\n");
  writeFileAtomic(jobPaths(dir).status, JSON.stringify(status, null, 2) + "\n");
  return dir;
}

/** Makes a new folder `name`, `name-2`, `name-3`, … in `runsDir`; the first free one. */
export function createJobDir(runsDir: string, name: string): string {
  mkdirSync(runsDir, { recursive: true });
  for (let n = 1; ; n++) {
    const dir = join(runsDir, n === 1 ? name : `${name}-${n}`);
    try {
      mkdirSync(dir);
      return dir;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

/** Reads `launch.json`. @throws PVLA_JOB_FILE */
export function readLaunchFile(dir: string): LaunchFile {
  const { launch } = jobPaths(dir);
  try {
    return launchFileSchema.parse(JSON.parse(readFileSync(launch, "utf8")));
  } catch (error) {
    throw badJobFile(launch, "launch.json is missing or unreadable", error);
  }
}

/** Notes in `launch.json` which scheduler has the job. @throws PVLA_JOB_FILE */
export function noteLauncher(dir: string, launcher: NonNullable<LaunchFile["launcher"]>): void {
  writeFileAtomic(jobPaths(dir).launch, JSON.stringify({ ...readLaunchFile(dir), launcher }, null, 2) + "\n");
}
