import { setTimeout as sleep } from "node:timers/promises";
import { JOB_FILES, readMetrics, type MetricsCursor, type MetricsRow } from "@pixelvla/jobs";
import type { LiveEvent, RunNews, RunRow, RunsChanged } from "@pixelvla/studio-contract";
import type { RunCatalog } from "./catalog.ts";
import { fileInside, readWindow } from "./run-files.ts";

const POLL_MS = 500;
const MAX_LOG_BYTES = 65_536;

/** Rows that are new or different, whenever there are any; first the rows as they stand. */
export async function* followRuns(catalog: RunCatalog, signal: AbortSignal): AsyncGenerator<RunsChanged> {
  for (let version = 0, isFirst = true; !signal.aborted; isFirst = false) {
    const { changed, gone, version: next } = await catalog.changesSince(version);
    version = next;
    if (isFirst || changed.length > 0 || gone.length > 0)
      yield {
        rows: changed.map(({ row }) => newsOf(row)),
        gone: isFirst ? [] : gone,
        nTotal: (await catalog.all()).length,
      };
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

const newsOf = ({ runId, name, state, problem }: RunRow): RunNews => ({
  runId,
  name,
  state,
  ...(problem === undefined ? {} : { problem }),
});

/** What is new of one run, twice a second while there is something. Metrics and log written before the call are not repeated. */
export async function* followRun(catalog: RunCatalog, runId: string, signal: AbortSignal): AsyncGenerator<LiveEvent> {
  const { dir } = (await catalog.get(runId)).place;
  let cursor = (await readAll(dir)).cursor;
  let logBytes = (await fileInside(dir, JOB_FILES.log))?.mark.sizeBytes ?? 0;
  let told = "";
  while (!signal.aborted) {
    const { row } = await catalog.get(runId);
    const metrics = await readAll(dir, cursor);
    cursor = metrics.cursor;
    const log = await fileInside(dir, JOB_FILES.log);
    const logSizeBytes = log?.mark.sizeBytes ?? 0;
    const isReplaced = logSizeBytes < logBytes;
    const from = Math.max(isReplaced ? 0 : logBytes, logSizeBytes - MAX_LOG_BYTES);
    const text =
      log === undefined || logSizeBytes === logBytes
        ? ""
        : (await readWindow(log.path, from, logSizeBytes)).toString("utf8");
    logBytes = logSizeBytes;
    const now = JSON.stringify(row);
    if (now !== told || metrics.rows.length > 0 || text !== "" || metrics.reset)
      yield { row, points: pointsOf(metrics.rows), log: text, logSizeBytes, restarted: metrics.reset || isReplaced };
    told = now;
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function readAll(
  dir: string,
  cursor?: MetricsCursor,
): Promise<{ rows: MetricsRow[]; cursor: MetricsCursor; reset: boolean }> {
  const rows: MetricsRow[] = [];
  if ((await fileInside(dir, JOB_FILES.metrics)) === undefined)
    return { rows, cursor: cursor ?? { offset: 0, file: "" }, reset: false };
  let page = await readMetrics(dir, cursor);
  const { reset } = page;
  rows.push(...page.rows);
  while (page.more) {
    page = await readMetrics(dir, page.cursor);
    for (const row of page.rows) rows.push(row);
  }
  return { rows, cursor: page.cursor, reset };
}

function pointsOf(rows: readonly MetricsRow[]): LiveEvent["points"] {
  const points: Record<string, { step: number[]; timeS: number[]; y: number[] }> = {};
  for (const { step, timeS, ...scalars } of rows)
    for (const [key, value] of Object.entries(scalars)) {
      if (typeof value !== "number") continue;
      const line = (points[key] ??= { step: [], timeS: [], y: [] });
      line.step.push(step);
      line.timeS.push(timeS);
      line.y.push(value);
    }
  return points;
}
