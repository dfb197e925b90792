import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** The process that holds a job directory. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** A second worker wants a directory that another one is working in. */
export const jobLocked = (dir: string, holder: Holder): PixelVlaError =>
  pixelVlaError(
    "PVLA_JOB_LOCKED",
    {
      doing: "Opening the job for work",
      found: `process ${holder.pid} on ${holder.host} has been working in it since ${holder.since}`,
      fix: `Wait for it, stop it, or give this job another directory: ${dir}`,
    },
    { dir, ...holder },
  );

/** The folder is no job directory. */
export const notAJob = (dir: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_JOB_NOT_FOUND",
    {
      doing: "Reading a job",
      found: "the folder holds no status.json",
      needed: "a job directory",
      fix: `Name a folder inside a workspace's runs/: ${dir}`,
    },
    { dir },
    cause,
  );

/** A file of the job directory does not have the form it must have. */
export const badJobFile = (file: string, problem: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_JOB_FILE",
    {
      doing: "Reading a job",
      found: problem,
      fix: `The file was edited or written by another version: ${file}`,
    },
    { file },
    cause,
  );

/** The job exists already and the caller did not say that it wants to go on with it. */
export const jobExists = (dir: string, state: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_JOB_EXISTS",
    {
      doing: "Starting a job",
      found: `the directory already holds one (${state})`,
      fix: `Pass --resume to go on with it, or choose another directory: ${dir}`,
    },
    { dir, state },
  );

/** The device that holds the job directory has no space left. */
export const diskFull = (file: string, what: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_DISK_FULL",
    {
      doing: `Writing ${what}`,
      found: "no space is left on the device",
      fix: `Nothing saved before is lost: free some space and resume the job. The file was ${file}`,
    },
    { file, what },
    cause,
  );

/** A checkpoint folder is incomplete or altered. */
export const badCheckpoint = (dir: string, problem: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_CHECKPOINT_DAMAGED",
    { doing: "Reading a checkpoint", found: problem, fix: `Use an earlier checkpoint: ${dir}` },
    { dir },
    cause,
  );

/** A job has no checkpoint to resume from or to load. */
export const noCheckpoint = (dir: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_NO_CHECKPOINT",
    {
      doing: "Loading the latest checkpoint",
      found: "the job has written none yet",
      fix: `Wait for the first one or start the job: ${dir}`,
    },
    { dir },
  );

/** A queued job names a program that cannot be started. */
export const launchFailed = (dir: string, program: string, cause: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_LAUNCH",
    {
      doing: "Launching a job",
      found: `"${program}" did not start (${cause instanceof Error ? cause.message : String(cause)})`,
      fix: `Check launch.json in ${dir}`,
    },
    { dir, program },
    cause,
  );

/** A launcher that nothing provides. */
export const unknownLauncher = (
  name: string,
  available: readonly string[],
  nearest: string | undefined,
): PixelVlaError =>
  pixelVlaError(
    "PVLA_UNKNOWN_PLUGIN",
    {
      doing: "Launching a job",
      found: `no launcher is named "${name}"`,
      fix: `${nearest === undefined ? "" : `Did you mean "${nearest}"? `}Available: ${available.join(", ")}`,
    },
    { kind: "launcher", name, available },
  );

/** A scheduler's own program is not on this machine. */
export const toolMissing = (program: string, doing: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_LAUNCH",
    {
      doing,
      found: `there is no ${program} on the PATH`,
      fix: "Launch from a machine of the cluster, or with --launcher local",
    },
    { program },
  );

/** A scheduler's own program refused. */
export const toolFailed = (program: string, doing: string, said: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_LAUNCH",
    { doing, found: `${program} failed: ${said}`, fix: "Change --launcher-options as it says" },
    { program, said },
    cause,
  );
