import { z } from "zod";
import { runIdSchema } from "../runs.ts";
import { t } from "../trpc.ts";

/** Room "Runs", ablation page: a sweep as the paper's table. */

export const reportFormats = ["markdown", "latex", "csv"] as const;
export type ReportFormat = (typeof reportFormats)[number];

export const sweepSchema = z.strictObject({ runId: runIdSchema });
export const sweepTextSchema = z.strictObject({ runId: runIdSchema, format: z.enum(reportFormats) });

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
  report(runId: string): Promise<AblationTable>;
  text(runId: string, format: ReportFormat): Promise<string>;
  /** Takes up the cells that failed or were stopped. */
  resubmit(runId: string): Promise<void>;
}

/** Procedures of the page. */
export function sweepsRouter(sweeps: SweepService) {
  const procedure = t.procedure;
  return t.router({
    report: procedure.input(sweepSchema).query(({ input }) => sweeps.report(input.runId)),
    text: procedure.input(sweepTextSchema).query(({ input }) => sweeps.text(input.runId, input.format)),
    resubmit: procedure.input(sweepSchema).mutation(({ input }) => sweeps.resubmit(input.runId)),
  });
}
