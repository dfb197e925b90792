import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { RunQuery } from "./run-params.ts";
import { host } from "../host/client.ts";

/** What the Runs room asks the host. */

/** Rows a page of the table holds. */
export const RUN_PAGE = 200;

export const runPage = (query: RunQuery, page: number) =>
  queryOptions({
    queryKey: ["runs.list", query, page],
    queryFn: ({ signal }) => host.runs.list.query({ ...query, offset: page * RUN_PAGE, limit: RUN_PAGE }, { signal }),
    placeholderData: keepPreviousData,
  });

/** The host draws no more runs than this at once. */
const MAX_SELECTED = 2000;

/** Ids of the table's rows from position `start` to before `end`, also of pages that were never in sight; at most 2,000. */
export async function runIdsBetween(query: RunQuery, start: number, end: number): Promise<readonly string[]> {
  if (end <= start) return [];
  return host.runs.ids.query({ ...query, offset: start, limit: Math.min(end - start, MAX_SELECTED) });
}

export const runDetail = (runId: string) =>
  queryOptions({
    queryKey: ["runs.get", runId],
    queryFn: () => host.runs.get.query({ runId }),
    placeholderData: keepPreviousData,
  });

export const metricKeys = (runIds: readonly string[]) =>
  queryOptions({
    queryKey: ["runs.keys", runIds],
    queryFn: () => host.runs.keys.query({ runIds: runIds.slice(0, 2000) }),
    enabled: runIds.length > 0,
    placeholderData: keepPreviousData,
  });

/** How curves are asked for and drawn. */
export interface CurveView {
  readonly axis: "step" | "time";
  readonly smoothing: number;
  readonly isLogX: boolean;
  readonly isLogY: boolean;
}

export const runCurves = (runIds: readonly string[], keys: readonly string[], { axis, smoothing }: CurveView) =>
  queryOptions({
    queryKey: ["runs.curves", runIds, keys, axis, smoothing],
    queryFn: ({ signal }) =>
      host.runs.curves.query(
        { runIds: [...runIds], keys: [...keys], axis, smoothing, maxPoints: runIds.length > 8 ? 400 : 1200 },
        { signal },
      ),
    enabled: runIds.length > 0 && keys.length > 0,
    placeholderData: keepPreviousData,
  });

export const runBands = (
  runIds: readonly string[],
  keys: readonly string[],
  groupBy: string,
  { axis, smoothing }: CurveView,
) =>
  queryOptions({
    queryKey: ["runs.bands", runIds, keys, groupBy, axis, smoothing],
    queryFn: ({ signal }) =>
      host.runs.bands.query(
        { runIds: [...runIds], keys: [...keys], axis, smoothing, ...(groupBy === "" ? {} : { groupBy }) },
        { signal },
      ),
    enabled: runIds.length > 0 && keys.length > 0,
    placeholderData: keepPreviousData,
  });

export const runDiff = (runIds: readonly string[]) =>
  queryOptions({
    queryKey: ["runs.diff", runIds],
    queryFn: () => host.runs.diff.query({ runIds: [...runIds] }),
    enabled: runIds.length > 1,
    placeholderData: keepPreviousData,
  });

export const recipeList = () => queryOptions({ queryKey: ["runs.recipes"], queryFn: () => host.runs.recipes.query() });
