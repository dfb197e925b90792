import { annotationStates, type EpisodeFacets, type EpisodeFilter, type FacetCount } from "@pixelvla/studio-contract";
import type { EpisodeTable } from "./episode-table.ts";
import { histogram } from "./histogram.ts";

const MAX_TASKS = 200;

/** Counts tasks, splits, annotation states and lengths over the rows the filter keeps. */
export function countFacets(table: EpisodeTable, filter: EpisodeFilter, nTotal: number): EpisodeFacets {
  const rows = table.matching(filter);
  const byTask = new Int32Array(table.tasks.values.length);
  const bySplit = new Int32Array(table.splits.values.length);
  const byAnnotation = new Map<string, number>(annotationStates.map((state) => [state, 0]));
  const lengths = new Int32Array(rows.length);
  rows.forEach((row, i) => {
    byTask[table.taskCodeAt(row)]!++;
    bySplit[table.splitCodeAt(row)]!++;
    const state = table.annotationAt(row);
    byAnnotation.set(state, byAnnotation.get(state)! + 1);
    lengths[i] = table.nFramesAt(row);
  });
  const tasks = counted(table.tasks.values, byTask);
  return {
    nMatched: rows.length,
    nTotal,
    splits: counted(table.splits.values, bySplit),
    annotation: [...byAnnotation].map(([value, n]) => ({ value, n })).filter(({ n }) => n > 0),
    tasks: tasks.slice(0, MAX_TASKS),
    nTasks: tasks.length,
    lengths: histogram(lengths, 40, true),
  };
}

/** Values that occur, most frequent first. */
function counted(values: readonly string[], counts: Int32Array): FacetCount[] {
  return values
    .map((value, code) => ({ value, n: counts[code]! }))
    .filter(({ n }) => n > 0)
    .sort((a, b) => b.n - a.n || a.value.localeCompare(b.value));
}
