import { z } from "zod";
import type { Problem } from "../datasets.ts";
import { launchSchema, runIdSchema, type DoctorCheck } from "../runs.ts";
import { t } from "../trpc.ts";

/** Room "Runs", ablation page: a sweep as the paper's table, and how one is launched. */

export const reportFormats = ["markdown", "latex", "csv"] as const;
export type ReportFormat = (typeof reportFormats)[number];

export const sweepSchema = z.strictObject({ runId: runIdSchema });
export const sweepTextSchema = z.strictObject({ runId: runIdSchema, format: z.enum(reportFormats) });

/** A sweep to launch, or to look at before: which file, what it trains on, and what is changed about it. */
export const launchSweepSchema = z.strictObject({
  sweep: z.string().min(1).max(200).describe("Name from sweeps.files"),
  datasetId: z.string().max(64).optional(),
  name: launchSchema.shape.name,
  families: z
    .array(z.string().regex(/^[a-z0-9]{1,40}$/))
    .min(1)
    .max(20)
    .optional()
    .describe("Only these; default: all of the file"),
  seeds: z
    .array(
      z
        .int()
        .nonnegative()
        .max(2 ** 31),
    )
    .min(1)
    .max(50)
    .optional()
    .describe("Training seeds instead of the file's"),
  episodes: z.int().positive().max(10_000).optional().describe("Layouts of a task and variant instead of the file's"),
  overrides: launchSchema.shape.overrides.describe("Changes to the recipe of every stage"),
  launchOverFail: launchSchema.shape.launchOverFail,
});
export type SweepLaunch = z.output<typeof launchSweepSchema>;

/** A sweep file that can be launched. */
export interface SweepFile {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly source: "built in" | "workspace";
  readonly families: readonly string[];
  readonly arms: readonly string[];
  readonly evaluations: readonly string[];
  readonly seeds: readonly number[];
  /** Layouts of a task and variant. */
  readonly episodes: number;
  /** The document, for display. */
  readonly text: string;
  /** Why it cannot be read. */
  readonly problem?: Problem | undefined;
}

/** What a sweep would do, before it is begun. */
export interface SweepPreview {
  readonly checks: readonly DoctorCheck[];
  /** Undefined where the sweep cannot be planned; a check says why. */
  readonly plan:
    | {
        /** Lines of the report times training seeds. */
        readonly nCells: number;
        readonly training: readonly {
          readonly id: string;
          readonly steps: number;
          readonly samples: number;
          readonly flops: number;
          readonly trainableParameters: number;
        }[];
        /** Of all training, without what the prefix cache saves. */
        readonly flops: number;
        readonly nEvaluations: number;
        readonly nEpisodes: number;
        /** Episodes of an arm, and the smallest difference of two arms they show, a share in [0, 1] (80 % power, 5 % level). */
        readonly columns: readonly { readonly name: string; readonly n: number; readonly detectable: number }[];
      }
    | undefined;
}

/** One number of the table: success over all episodes of a column and all training seeds. */
export interface AblationCell {
  /** Undefined before any episode has ended; shares in [0, 1] with the 95 % Wilson interval. */
  readonly success: { readonly share: number; readonly low: number; readonly high: number } | undefined;
  readonly n: number;
  readonly perSeed: readonly { readonly seed: number | undefined; readonly share: number; readonly n: number }[];
  /** Against the row of reference, over pairs of episodes on the same layout; shares in [-1, 1]. */
  readonly difference:
    | {
        readonly difference: number;
        readonly low: number;
        readonly high: number;
        readonly pValue: number;
        readonly nPairs: number;
        readonly nGained: number;
        readonly nLost: number;
      }
    | undefined;
  /** The paper's number, percent. */
  readonly paper: number | undefined;
  readonly nFaults: number;
}

export interface AblationRow {
  readonly family: string;
  readonly arm: string;
  readonly evaluation: string;
  readonly isReference: boolean;
  readonly cells: readonly AblationCell[];
}

/** A training run or evaluation of the sweep. */
export interface SweepTaskState {
  readonly id: string;
  readonly kind: string;
  readonly state: string;
  readonly runId: string | undefined;
  /** Share of its work that is done, in [0, 1]; undefined before it has begun. */
  readonly share: number | undefined;
  /** Why it failed. */
  readonly message: string | undefined;
}

/** A sweep as it stands. */
export interface AblationTable {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly columns: readonly string[];
  readonly rows: readonly AblationRow[];
  /** What the rows are compared with, in words. */
  readonly reference: string;
  readonly hasPaper: boolean;
  readonly seeds: readonly number[];
  readonly tasks: readonly SweepTaskState[];
}

/** What the host must provide for the page. */
export interface SweepService {
  files(): Promise<readonly SweepFile[]>;
  preview(request: SweepLaunch): Promise<SweepPreview>;
  launch(request: SweepLaunch): Promise<{ readonly runId: string }>;
  report(runId: string): Promise<AblationTable>;
  text(runId: string, format: ReportFormat): Promise<string>;
  /** Takes up the cells that failed or were stopped. */
  resubmit(runId: string): Promise<void>;
}

/** Procedures of the page. */
export function sweepsRouter(sweeps: SweepService) {
  const procedure = t.procedure;
  return t.router({
    files: procedure.query(() => sweeps.files()),
    preview: procedure.input(launchSweepSchema).query(({ input }) => sweeps.preview(input)),
    launch: procedure.input(launchSweepSchema).mutation(({ input }) => sweeps.launch(input)),
    report: procedure.input(sweepSchema).query(({ input }) => sweeps.report(input.runId)),
    text: procedure.input(sweepTextSchema).query(({ input }) => sweeps.text(input.runId, input.format)),
    resubmit: procedure.input(sweepSchema).mutation(({ input }) => sweeps.resubmit(input.runId)),
  });
}
