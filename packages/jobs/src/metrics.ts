import { z } from "zod";

/**
 * One line of `metrics.jsonl`: a step, the seconds of work since the job began (resumes included), and any scalars.
 * A number that JSON cannot hold (NaN, infinity) is written as null.
 */
export const metricsRowSchema = z
  .object({ step: z.number(), timeS: z.number() })
  .catchall(z.union([z.number(), z.string(), z.boolean(), z.null()]));
export type MetricsRow = z.output<typeof metricsRowSchema>;

/** The scalars of one row, before the writer adds `timeS`. */
export type MetricsInput = { readonly step: number } & Readonly<Record<string, number | string | boolean | null>>;

/** Where an incremental reader stands in `metrics.jsonl`. Plain JSON; opaque to callers. */
export const metricsCursorSchema = z.object({
  offset: z.int().nonnegative(),
  file: z.string().describe("Identity of the file read so far"),
});
export type MetricsCursor = z.output<typeof metricsCursorSchema>;

/** What an incremental read gives. */
export interface MetricsPage {
  readonly rows: MetricsRow[];
  /** Pass it to the next read. */
  readonly cursor: MetricsCursor;
  /** The file was rewritten (the job was resumed from an earlier step): drop earlier rows, `rows` starts from the first line. */
  readonly reset: boolean;
  /** More rows are on disk than one page holds. */
  readonly more: boolean;
}
