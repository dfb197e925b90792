import type { RunPage, RunQuery, RunRow, RunState } from "@pixelvla/studio-contract";

/** Order of states by how much they need a person. */
const STATE_ORDER: readonly RunState[] = [
  "running",
  "stopping",
  "paused",
  "queued",
  "failed",
  "lost",
  "stopped",
  "done",
];

/** One page of the rows that the query keeps, sorted; rows without the value sorted by come last either way. */
export function pageOfRuns(rows: readonly RunRow[], { search, kinds, states, sort, offset, limit }: RunQuery): RunPage {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const kept = rows.filter((row) => {
    if (kinds.length > 0 && !kinds.includes(row.kind)) return false;
    if (states.length > 0 && !states.includes(row.state)) return false;
    const text = [row.name, row.recipe, row.dataset, row.state, ...row.changes].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const sign = sort.direction === "ascending" ? 1 : -1;
  const keyed = kept.map((row) => ({ row, key: sortKey(row, sort.by) }));
  keyed.sort((a, b) => compareKeys(a.key, b.key, sign) || byName.compare(a.row.name, b.row.name));
  return {
    rows: keyed.slice(offset, offset + limit).map(({ row }) => row),
    nMatched: kept.length,
    nTotal: rows.length,
  };
}

/** One collator: a comparison that makes its own takes ten times as long. */
const byName = new Intl.Collator("en", { numeric: true });

/** These sort as they are. */
const ISO_DATE = /^\d{4}-\d\d-\d\dT/;

type SortKey = string | number | undefined;

function sortKey(row: RunRow, by: RunQuery["sort"]["by"]): SortKey {
  if (by === "startedAt" || by === "name" || by === "kind") return row[by];
  if (by === "state") return STATE_ORDER.indexOf(row.state);
  if (by === "ratePerS") return row.progress?.ratePerS;
  if (by === "progress")
    return row.progress === undefined || row.progress.total === 0 ? undefined : row.progress.done / row.progress.total;
  return row.latest[by];
}

function compareKeys(a: SortKey, b: SortKey, sign: number): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  const [one, other] = [String(a), String(b)];
  if (ISO_DATE.test(one) && ISO_DATE.test(other)) return one === other ? 0 : one < other ? -sign : sign;
  return sign * byName.compare(one, other);
}
