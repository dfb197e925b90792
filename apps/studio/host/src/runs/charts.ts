import type { BandChart, BandQuery, Curve, CurveQuery } from "@pixelvla/studio-contract";
import { JOB_FILES } from "@pixelvla/jobs";
import { bandOf } from "./bands.ts";
import type { RunCatalog } from "./catalog.ts";
import { inWords, valueAt } from "./config-tree.ts";
import type { MetricsFile } from "./metrics-messages.ts";
import type { MetricsPool } from "./metrics-pool.ts";
import { fileInside } from "./run-files.ts";
import type { RunRecord } from "./run-record.ts";

/** Curves of some runs, in the order asked. Runs without metrics give none. */
export async function curvesOf(catalog: RunCatalog, pool: MetricsPool, query: CurveQuery): Promise<Curve[]> {
  const files = await filesOf(await recordsOf(catalog, query.runIds));
  const { keys, axis, smoothing, maxPoints, range } = query;
  const answers = await pool.ask({ kind: "curves", files, keys, axis, smoothing, maxPoints, range });
  const byRun = new Map<string, Curve[]>();
  for (const { answer } of answers)
    for (const { runId, key, nPoints, rawX, rawY, smoothX, smoothY } of answer) {
      if (nPoints === 0) continue;
      const curves = byRun.get(runId) ?? [];
      curves.push({
        runId,
        key,
        nPoints,
        raw: { x: Array.from(rawX), y: Array.from(rawY) },
        smooth: { x: Array.from(smoothX), y: Array.from(smoothY) },
      });
      byRun.set(runId, curves);
    }
  return query.runIds.flatMap((runId) => byRun.get(runId) ?? []);
}

/** One metric over many runs: median and interquartile range by group, over a common axis. */
export async function bandsOf(catalog: RunCatalog, pool: MetricsPool, query: BandQuery): Promise<BandChart> {
  const records = await recordsOf(catalog, query.runIds);
  const files = await filesOf(records);
  const { key, axis, smoothing, nBins } = query;
  const extents = await pool.ask({ kind: "extent", files, key, axis });
  const start = Math.min(...extents.map(({ answer }) => answer.min));
  const end = Math.max(...extents.map(({ answer }) => answer.max));
  if (!(end >= start)) return { x: [], bands: [] };
  const groupOf = new Map(records.map((record) => [record.place.runId, groupName(record, query.groupBy)]));
  const groups = new Map<string, Float32Array[]>();
  for (const { files: share, answer } of await pool.ask({
    kind: "bins",
    files,
    key,
    axis,
    smoothing,
    start,
    end,
    nBins,
  }))
    share.forEach(({ runId }, i) => {
      const line = answer.subarray(i * nBins, (i + 1) * nBins);
      if (line.every(Number.isNaN)) return;
      const group = groupOf.get(runId)!;
      groups.set(group, [...(groups.get(group) ?? []), line]);
    });
  const sorted = [...groups].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  return {
    x: Array.from({ length: nBins }, (_, bin) => start + ((bin + 0.5) * (end - start)) / nBins),
    bands: sorted.map(([group, runs]) => bandOf({ group, runs }, nBins)),
  };
}

async function recordsOf(catalog: RunCatalog, runIds: readonly string[]): Promise<RunRecord[]> {
  const wanted = new Set(runIds);
  return (await catalog.all()).filter(({ place }) => wanted.has(place.runId));
}

async function filesOf(records: readonly RunRecord[]): Promise<MetricsFile[]> {
  const files = await Promise.all(
    records.map(async ({ place }): Promise<MetricsFile[]> => {
      const found = await fileInside(place.dir, JOB_FILES.metrics);
      return found === undefined ? [] : [{ runId: place.runId, path: found.path }];
    }),
  );
  return files.flat();
}

function groupName({ config }: RunRecord, groupBy: string | undefined): string {
  if (groupBy === undefined) return "all runs";
  const value = valueAt(config, groupBy);
  return value === undefined ? "not given" : typeof value === "string" ? value : inWords(value);
}
