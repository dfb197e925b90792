import { z } from "zod";

/** What a job does. */
export const JOB_KINDS = ["train", "annotate", "bench", "sweep"] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** State as the working process last wrote it. */
export const JOB_STATES = ["queued", "running", "paused", "stopping", "stopped", "done", "failed"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** State as a reader sees it: `lost` is a job that claims to be at work while its process is gone or silent. */
export type ObservedState = JobState | "lost";

/** States in which a process must be alive. */
export const ACTIVE_STATES: ReadonlySet<JobState> = new Set<JobState>(["running", "paused", "stopping"]);
/** States in which nothing more will happen unless somebody resumes the job. */
export const FINAL_STATES: ReadonlySet<ObservedState> = new Set<ObservedState>(["stopped", "done", "failed", "lost"]);

/** Version of `status.json`. Readers accept this version and those before it. */
export const STATUS_VERSION = 1;

export const jobProgressSchema = z.object({
  done: z.number().nonnegative().describe("Units finished, counted over all resumes"),
  total: z.number().nonnegative().nullable().describe("Units in all; null while unknown"),
  unit: z.string().describe('What is counted, in the plural: "train steps", "episodes"'),
  ratePerS: z.number().nonnegative().nullable().describe("Units per second over the last half minute"),
  etaS: z.number().nonnegative().nullable().describe("Seconds left at that rate"),
});
export type JobProgress = z.output<typeof jobProgressSchema>;

export const jobErrorSchema = z.object({
  code: z.string().describe("Stable code, PVLA_…"),
  message: z.string().describe("The sentence for the user"),
  facts: z.record(z.string(), z.unknown()).optional().describe("What the sentence was made from"),
});
export type JobError = z.output<typeof jobErrorSchema>;

/** `status.json`: replaced whole at every heartbeat, by the working process only. Times are ISO 8601 in UTC. */
export const jobStatusSchema = z.object({
  version: z.literal(STATUS_VERSION),
  kind: z.enum(JOB_KINDS),
  state: z.enum(JOB_STATES),
  pid: z.int().nullable().describe("Process at work; null while queued"),
  host: z.string().describe("Machine of that process"),
  createdAt: z.iso.datetime().describe("When the directory was made"),
  startedAt: z.iso.datetime().nullable().describe("When the present process began"),
  heartbeatAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  workedS: z.number().nonnegative().describe("Seconds of work over all resumes"),
  phase: z.string().nullable().describe("What is being done now, in a few words"),
  progress: jobProgressSchema,
  error: jobErrorSchema.nullable(),
});
export type JobStatus = z.output<typeof jobStatusSchema>;
