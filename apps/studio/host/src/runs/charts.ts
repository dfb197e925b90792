import type { BandChart, BandQuery, Curve, CurveQuery } from "@pixelvla/studio-contract";
import { bandOf } from "./bands.ts";
import type { RunCatalog } from "./catalog.ts";
import { inWords, valueAt } from "./config-tree.ts";
import type { Extent, MetricsFile } from "./metrics-messages.ts";
import type { MetricsPool } from "./metrics-pool.ts";
import type { RunRecord } from "./run-record.ts";

/** Curves of some runs, in the order asked. Runs without metrics give none. */
export async function curvesOf(catalog: RunCatalog, pool: MetricsPool, query: CurveQuery): Promise<Curve[]> {
  const files = filesOf(await catalog.some(query.runIds));
  const { keys, axis, smoothing, maxPoints, range } = query;
  const answers = await pool.ask("curves", { files, keys, axis, smoothing, maxPoints, range });
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

/** Metrics over many runs, in the order asked: median and interquartile range by group, over a common axis. */
export async function bandsOf(catalog: RunCatalog, pool: MetricsPool, query: BandQuery): Promise<BandChart[]> {
  const records = await catalog.some(query.runIds);
  const files = filesOf(records);
  const { keys, axis, smoothing, nBins } = query;
  const spans = await pool.ask("extents", { files, keys, axis });
  const extents = keys.map((_, i): Extent => ({
    start: Math.min(...spans.map(({ answer }) => answer[i]!.start)),
    end: Math.max(...spans.map(({ answer }) => answer[i]!.end)),
  }));
  const shares = await pool.ask("bins", { files, keys, axis, smoothing, extents, nBins });
  const groupOf = new Map(records.map((record) => [record.place.runId, groupName(record, query.groupBy)]));
  return keys.map((key, at) => {
    const { start, end } = extents[at]!;
    if (!(end >= start)) return { key, x: [], bands: [] };
    const groups = new Map<string, Float32Array[]>();
    for (const { files: share, answer } of shares)
      share.forEach(({ runId }, i) => {
        const from = (at * share.length + i) * nBins;
        const line = answer.subarray(from, from + nBins);
        if (line.every(Number.isNaN)) return;
        const group = groupOf.get(runId)!;
        const lines = groups.get(group);
        if (lines === undefined) groups.set(group, [line]);
        else lines.push(line);
      });
    const sorted = [...groups].sort(([a], [b]) => byName.compare(a, b));
    return {
      key,
      x: Array.from({ length: nBins }, (_, bin) => start + ((bin + 0.5) * (end - start)) / nBins),
      bands: sorted.map(([group, runs]) => bandOf({ group, runs }, nBins)),
    };
  });
}

/** The metrics file of each run that has one. */
const filesOf = (records: readonly RunRecord[]): MetricsFile[] =>
  records.flatMap(({ place: { runId }, metricsPath }) =>
    metricsPath === undefined ? [] : [{ runId, path: metricsPath }],
  );

const byName = new Intl.Collator("en", { numeric: true });

function groupName({ config }: RunRecord, groupBy: string | undefined): string {
  if (groupBy === undefined) return "all runs";
  const value = valueAt(config, groupBy);
  return value === undefined ? "not given" : typeof value === "string" ? value : inWords(value);
}
