import { z } from "zod";
import type { Problem } from "./datasets.ts";

/** Room "Runs": job directories seen through the host. */

/** Opaque, stable name of a job directory in URLs: its folder's name and a hash of its path. Never a path. */
export const runIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,95}$/, "a run id from runs.list");

/** Kinds of jobs, as in `status.json`. */
export const runKinds = ["train", "annotate", "bench", "sweep"] as const;
export type RunKind = (typeof runKinds)[number];

/** States of a job. `lost`: it says it runs, but its process is gone or its heartbeat is old. */
export const runStates = ["queued", "running", "paused", "stopping", "stopped", "done", "failed", "lost"] as const;
export type RunState = (typeof runStates)[number];

/** One page of jobs. */
export const runQuerySchema = z.strictObject({
  search: z.string().max(200).default(""),
  kinds: z.array(z.enum(runKinds)).max(runKinds.length).default([]),
  states: z.array(z.enum(runStates)).max(runStates.length).default([]),
  sort: z
    .strictObject({
      by: z
        .enum(["startedAt", "name", "state", "kind", "progress", "loss", "successRate", "ratePerS"])
        .default("startedAt"),
      direction: z.enum(["ascending", "descending"]).default("descending"),
    })
    .prefault({}),
  offset: z.int().nonnegative().default(0),
  limit: z.int().min(1).max(2000).default(200),
});

const runIdsSchema = z.array(runIdSchema).min(1).max(2000);
const axisSchema = z.enum(["step", "time"]).describe("Train step, or seconds since the run started");
const metricKeySchema = z.string().min(1).max(200);
const smoothingSchema = z.number().min(0).max(0.9999).describe("Weight of the past in the exponential mean; 0 is none");
const rangeSchema = z
  .strictObject({ start: z.number(), end: z.number() })
  .optional()
  .describe("Part of the x axis, for zooming");

/** Curves of some runs. Smoothing runs over every recorded point, then both lines are thinned to `maxPoints`. */
export const curveQuerySchema = z.strictObject({
  runIds: runIdsSchema,
  keys: z.array(metricKeySchema).min(1).max(100),
  axis: axisSchema.default("step"),
  smoothing: smoothingSchema.default(0),
  maxPoints: z.int().min(10).max(20_000).default(1000),
  range: rangeSchema,
});

/** Metrics over many runs as bands. */
export const bandQuerySchema = z.strictObject({
  runIds: runIdsSchema,
  keys: z.array(metricKeySchema).min(1).max(100),
  groupBy: z
    .string()
    .max(200)
    .optional()
    .describe("Dotted path in the recipe, e.g. `optimizer.lr`; without it all runs are one group"),
  axis: axisSchema.default("step"),
  smoothing: smoothingSchema.default(0),
  nBins: z.int().min(2).max(2000).default(300),
});

/** Which run. */
export const runSchema = z.strictObject({ runId: runIdSchema });
/** Which runs. */
export const runsSchema = z.strictObject({ runIds: runIdsSchema });
/** A window of the log: the last `maxBytes` before byte `before` (default: the end). */
export const logQuerySchema = z.strictObject({
  runId: runIdSchema,
  before: z.int().nonnegative().optional(),
  maxBytes: z.int().min(1).max(1_000_000).default(65_536),
});
/** A command file to drop. `resume` also starts a worker again where none lives. */
export const commandSchema = z.strictObject({ runId: runIdSchema, command: z.enum(["stop", "pause", "resume"]) });

const overridePathSchema = z
  .string()
  .max(200)
  .regex(/^[A-Za-z][\w-]*(\.[\w-]+)*$/, "a dotted path of a recipe")
  .refine((path) => !/(^|\.)(__proto__|constructor|prototype)(\.|$)/.test(path), "a dotted path of a recipe");

/** Changes to a recipe by dotted path. */
export const overridesSchema = z
  .record(overridePathSchema, z.union([z.string().max(2000), z.number(), z.boolean()]))
  .refine((changes) => Object.keys(changes).length <= 200, "at most 200 changes");

/** A job to launch. */
export const launchSchema = z.strictObject({
  recipe: z.string().min(1).max(200).describe("Name from runs.recipes"),
  datasetId: z.string().max(64).optional(),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, "letters, digits, dot, dash and underscore, at most 80")
    .optional(),
  overrides: overridesSchema.default({}),
  launchOverFail: z.boolean().default(false).describe("Launch although the doctor fails a check"),
});
/** A copy of a run's recipe under a new name, with changes. */
export const cloneSchema = z.strictObject({
  runId: runIdSchema,
  name: launchSchema.shape.name,
  overrides: overridesSchema.default({}),
  launchOverFail: z.boolean().default(false),
});

export type RunQuery = z.output<typeof runQuerySchema>;
export type CurveQuery = z.output<typeof curveQuerySchema>;
export type BandQuery = z.output<typeof bandQuerySchema>;
export type LogQuery = z.output<typeof logQuerySchema>;
export type RunCommand = z.output<typeof commandSchema>["command"];
export type LaunchRequest = z.output<typeof launchSchema>;
export type CloneRequest = z.output<typeof cloneSchema>;

/** How far a job is. */
export interface RunProgress {
  readonly done: number;
  readonly total: number;
  readonly unit: string;
  readonly ratePerS: number;
  readonly etaS?: number | undefined;
}

/** One row of the runs table. */
export interface RunRow {
  readonly runId: string;
  readonly name: string;
  /** Relative to the workspace. */
  readonly path: string;
  readonly kind: RunKind;
  readonly state: RunState;
  readonly progress?: RunProgress | undefined;
  /** ISO 8601. */
  readonly startedAt?: string | undefined;
  readonly heartbeatAt?: string | undefined;
  readonly host?: string | undefined;
  readonly recipe?: string | undefined;
  readonly dataset?: string | undefined;
  readonly device?: string | undefined;
  /** What differs from the recipe it is based on, in words: `lr 0.001, chunk size 4`. */
  readonly changes: readonly string[];
  /** Last value of each metric. */
  readonly latest: Readonly<Record<string, number>>;
  readonly problem?: Problem | undefined;
}

/** One page of rows. */
export interface RunPage {
  readonly rows: readonly RunRow[];
  readonly nMatched: number;
  readonly nTotal: number;
}

/** One saved checkpoint. */
export interface RunCheckpoint {
  readonly name: string;
  readonly step?: number | undefined;
  readonly sizeBytes: number;
  readonly savedAt: string;
  readonly isLatest: boolean;
}

/** One file of a job directory; `fileUrl` serves it. */
export interface RunFile {
  /** Relative to the job directory. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly changedAt: string;
}

/** Everything of one run but its curves. */
export interface RunDetail extends RunRow {
  /** `config.yaml` as it stands. */
  readonly configText: string;
  /** The same, parsed; undefined where it is not valid YAML. */
  readonly config: unknown;
  readonly checkpoints: readonly RunCheckpoint[];
  readonly files: readonly RunFile[];
  readonly metricKeys: readonly string[];
  /** Which of the commands make sense now. */
  readonly commands: readonly RunCommand[];
}

/** One line of a chart: every x has a raw and a smoothed y. */
export interface Curve {
  readonly runId: string;
  readonly key: string;
  /** Recorded points before thinning. */
  readonly nPoints: number;
  readonly raw: { readonly x: readonly number[]; readonly y: readonly number[] };
  readonly smooth: { readonly x: readonly number[]; readonly y: readonly number[] };
}

/** Median and interquartile range of a group of runs at each x; `null` where no run of the group has a value. */
export interface Band {
  readonly group: string;
  readonly nRuns: number;
  readonly median: readonly (number | null)[];
  readonly q25: readonly (number | null)[];
  readonly q75: readonly (number | null)[];
}

/** Bands of one metric over a common x axis. */
export interface BandChart {
  readonly key: string;
  readonly x: readonly number[];
  readonly bands: readonly Band[];
}

/** A window of a text file. */
export interface LogWindow {
  readonly text: string;
  /** Byte where the window starts; give it as `before` for the one above. */
  readonly start: number;
  readonly end: number;
  readonly sizeBytes: number;
}

/** One line of a diff: a dotted path and its value in each run, as YAML; undefined where the run lacks it. */
export interface ConfigDifference {
  readonly path: string;
  readonly values: readonly (string | undefined)[];
}

/** A recipe that can be launched. */
export interface RecipeItem {
  readonly name: string;
  readonly kind: RunKind;
  readonly description: string;
  readonly source: "built in" | "workspace";
  /** The document, for display and for the diff. */
  readonly text: string;
  readonly problem?: Problem | undefined;
}

/** One check of the doctor. */
export interface DoctorCheck {
  readonly check: string;
  readonly level: "pass" | "warn" | "fail";
  readonly message: string;
  readonly fix?: string;
}

/** What `runs.doctor` yields: what it looks at now and what it has found so far, then everything. */
export type DoctorEvent =
  | { readonly kind: "progress"; readonly what: string; readonly checks: readonly DoctorCheck[] }
  | { readonly kind: "result"; readonly checks: readonly DoctorCheck[] };

/** What `runs.live` yields about one run: what is new since the last event. */
export interface LiveEvent {
  readonly row: RunRow;
  /** New points by key. */
  readonly points: Readonly<
    Record<
      string,
      { readonly step: readonly number[]; readonly timeS: readonly number[]; readonly y: readonly number[] }
    >
  >;
  /** Text appended to the log (at most the last 64 KiB of it). */
  readonly log: string;
  readonly logSizeBytes: number;
  /** True when the files were replaced: drop what was received so far. */
  readonly restarted: boolean;
}

/** How a job stands, as much as its watchers need: thousands of them are told of at once. */
export type RunNews = Pick<RunRow, "runId" | "name" | "state" | "problem">;

/** What `runs.changes` yields: jobs that are new or different, and ids that are gone. The first time all jobs. */
export interface RunsChanged {
  readonly rows: readonly RunNews[];
  readonly gone: readonly string[];
  readonly nTotal: number;
}

/** What the host must provide for the room. */
export interface RunService {
  list(query: RunQuery): Promise<RunPage>;
  /** Ids of the rows that `list` gives. */
  ids(query: RunQuery): Promise<readonly string[]>;
  get(runId: string): Promise<RunDetail>;
  keys(runIds: readonly string[]): Promise<readonly string[]>;
  curves(query: CurveQuery): Promise<readonly Curve[]>;
  bands(query: BandQuery): Promise<readonly BandChart[]>;
  log(query: LogQuery): Promise<LogWindow>;
  diff(runIds: readonly string[]): Promise<readonly ConfigDifference[]>;
  recipes(): Promise<readonly RecipeItem[]>;
  /** Leaving the loop, or the signal, stops the examination. */
  doctor(request: LaunchRequest, signal: AbortSignal): AsyncIterable<DoctorEvent>;
  launch(request: LaunchRequest): Promise<{ readonly runId: string }>;
  clone(request: CloneRequest): Promise<{ readonly runId: string }>;
  command(runId: string, command: RunCommand): Promise<{ readonly state: RunState }>;
  changes(signal: AbortSignal): AsyncIterable<RunsChanged>;
  live(runId: string, signal: AbortSignal): AsyncIterable<LiveEvent>;
}
