import { Checkbox } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useQueries } from "@tanstack/react-query";
import { useEffect, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { showToast } from "../feedback/toasts.tsx";
import { problemOf } from "../host/problem.ts";
import type { RunRow } from "../host/types.ts";
import { navigate, setParams } from "../route/navigate.ts";
import { formatRoute } from "../route/route.ts";
import { formatAgo, formatCount, formatDuration, formatPercent, formatValue } from "../text/format.ts";
import { runIdsBetween, runPage, RUN_PAGE } from "./queries.ts";
import type { RunQuery, RunSortKey } from "./run-params.ts";
import { StateBadge } from "./state-badge.tsx";

const ROW_PX = 28;

interface RunTableProps {
  readonly query: RunQuery;
  readonly selected: readonly string[];
  readonly lead: string | undefined;
  readonly colorOf: (runId: string) => string | undefined;
  readonly onSelect: (runIds: readonly string[], lead: string) => void;
  readonly onCounts: (nMatched: number, nTotal: number) => void;
}

const columns: readonly { title: string; by?: RunSortKey; isNumber?: boolean }[] = [
  { title: "State", by: "state" },
  { title: "Run", by: "name" },
  { title: "Changes" },
  { title: "Progress", by: "progress" },
  { title: "Loss", by: "loss", isNumber: true },
  { title: "Success", by: "successRate", isNumber: true },
  { title: "Rate", by: "ratePerS", isNumber: true },
  { title: "Device" },
  { title: "Started", by: "startedAt", isNumber: true },
];

function Progress({ row }: { row: RunRow }) {
  const { progress, state } = row;
  if (progress === undefined || progress.total === 0) return null;
  const fraction = Math.min(1, progress.done / progress.total);
  return (
    <span
      className="run-progress"
      title={`${formatCount(progress.done)} of ${formatCount(progress.total)} ${progress.unit}${state === "running" && progress.etaS !== undefined ? `, ${formatDuration(progress.etaS)} left` : ""}`}
    >
      <span className="run-progress-track">
        <span style={{ width: `${fraction * 100}%` }} data-state={state} />
      </span>
      <span className="number">{formatPercent(fraction)}</span>
    </span>
  );
}

/** What a run's loss is called in its metrics. */
const lossOf = ({ latest }: RunRow) => latest["loss"] ?? latest["train/loss"];

/** All runs as rows, of which only those in sight exist. Click selects, control adds, shift extends; Enter opens; headers sort. */
export function RunTable({ query, selected, lead, colorOf, onSelect, onCounts }: RunTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [pages, setPages] = useState<readonly number[]>([0]);
  const results = useQueries({ queries: pages.map((page) => runPage(query, page)) });
  const head = results[0]?.data;
  const nMatched = head?.nMatched ?? 0;
  const virtual = useVirtualizer({
    count: nMatched,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const wanted = [...new Set([0, ...items.map(({ index }) => Math.floor(index / RUN_PAGE))])].join();
  useEffect(() => setPages(wanted.split(",").map(Number)), [wanted]);
  useEffect(() => {
    if (head) onCounts(head.nMatched, head.nTotal);
  }, [head, onCounts]);
  const rowAt = (position: number): RunRow | undefined =>
    results[pages.indexOf(Math.floor(position / RUN_PAGE))]?.data?.rows[position % RUN_PAGE];
  const anchor = useRef(0);
  const now = Date.now();

  /** Rows out of sight count too: their pages are fetched first. */
  function selectRange(start: number, end: number, next: string | undefined) {
    withIds(start, end, (runIds) => onSelect(runIds, next ?? runIds[0] ?? ""));
  }

  function withIds(start: number, end: number, then: (runIds: readonly string[]) => void) {
    runIdsBetween(query, start, end).then(then, (cause: unknown) =>
      showToast({ kind: "fail", text: problemOf(cause).message }),
    );
  }

  function choose(position: number, runId: string, { extend, toggle }: { extend: boolean; toggle: boolean }) {
    if (extend) {
      const [from, to] = [anchor.current, position].sort((a, b) => a - b) as [number, number];
      selectRange(from, to + 1, runId);
      return;
    }
    anchor.current = position;
    if (!toggle) {
      onSelect([runId], runId);
      return;
    }
    onSelect(selected.includes(runId) ? selected.filter((id) => id !== runId) : [...selected, runId], runId);
  }

  function onKeyDown(event: KeyboardEvent) {
    const at = items.find(({ index }) => rowAt(index)?.runId === lead)?.index ?? -1;
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12, Home: -at, End: nMatched - 1 - at }[event.key];
    if (event.key === "Enter" && lead !== undefined && event.target === event.currentTarget) {
      navigate({ view: "run", runId: lead });
      return;
    }
    if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      selectRange(0, nMatched, lead);
      return;
    }
    if (move === undefined || nMatched === 0) return;
    event.preventDefault();
    const next = Math.min(nMatched - 1, Math.max(0, at + move));
    virtual.scrollToIndex(next);
    const how = { extend: event.shiftKey, toggle: false };
    const row = rowAt(next);
    if (row) choose(next, row.runId, how);
    else withIds(next, next + 1, ([runId]) => runId !== undefined && choose(next, runId, how));
  }

  const error = results.find((result) => result.error !== null)?.error;
  if (error)
    return (
      <ProblemPanel problem={problemOf(error)} onRetry={() => results.forEach((result) => void result.refetch())} />
    );
  return (
    <div
      className="run-table"
      ref={scroller}
      role="grid"
      aria-label="Runs"
      aria-rowcount={nMatched}
      aria-multiselectable
      tabIndex={0}
      data-own-arrows
      onKeyDown={onKeyDown}
      data-testid="runs"
    >
      <div className="run-row run-head" role="row">
        <span role="columnheader" aria-label="Selected" />
        {columns.map(({ title, by, isNumber }) => {
          const isSorted = by !== undefined && query.sort.by === by;
          const isDown = query.sort.direction === "descending";
          return (
            <span
              key={title}
              role="columnheader"
              className={isNumber ? "right" : undefined}
              aria-sort={isSorted ? query.sort.direction : undefined}
            >
              {by === undefined ? (
                title
              ) : (
                <button
                  type="button"
                  className="sorter"
                  onClick={() => setParams({ sort: `${by}:${isSorted && isDown ? "ascending" : "descending"}` })}
                >
                  {title}
                  {isSorted &&
                    (isDown ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}
                </button>
              )}
            </span>
          );
        })}
      </div>
      <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="rowgroup">
        {items.map(({ index, start }) => {
          const row = rowAt(index);
          if (row === undefined)
            return <div key={index} className="run-row skeleton" style={{ transform: `translateY(${start}px)` }} />;
          const isSelected = selected.includes(row.runId);
          const color = colorOf(row.runId);
          const success = row.latest["bestSuccessRate"] ?? row.latest["successRate"];
          return (
            <div
              key={row.runId}
              className="run-row run-body"
              role="row"
              aria-selected={isSelected}
              data-lead={row.runId === lead || undefined}
              style={{ transform: `translateY(${start}px)` }}
              onClick={(event: MouseEvent) =>
                choose(index, row.runId, { extend: event.shiftKey, toggle: event.ctrlKey || event.metaKey })
              }
              onDoubleClick={() => navigate({ view: "run", runId: row.runId })}
            >
              <span role="gridcell" onClick={(event) => event.stopPropagation()}>
                <Checkbox
                  aria-label={`Show ${row.name}`}
                  checked={isSelected}
                  color={color ?? "accent"}
                  onChange={() => choose(index, row.runId, { extend: false, toggle: true })}
                />
              </span>
              <span role="gridcell">
                <StateBadge state={row.state} />
              </span>
              <span role="gridcell" className="truncate">
                <a href={formatRoute({ view: "run", runId: row.runId })}>{row.name}</a>
              </span>
              <span role="gridcell" className="truncate secondary" title={row.changes.join(", ")}>
                {row.problem ? (
                  <span className="fail">{row.problem.message}</span>
                ) : (
                  row.changes.join(", ") || row.recipe
                )}
              </span>
              <span role="gridcell">
                <Progress row={row} />
              </span>
              <span role="gridcell" className="right number">
                {formatValue(lossOf(row))}
              </span>
              <span role="gridcell" className="right number">
                {success === undefined ? "–" : formatPercent(success)}
              </span>
              <span role="gridcell" className="right number" title={row.progress?.unit}>
                {row.progress && row.progress.ratePerS > 0
                  ? `${formatValue(Number(row.progress.ratePerS.toPrecision(3)))}/s`
                  : "–"}
              </span>
              <span role="gridcell" className="truncate secondary">
                {row.device ?? "–"}
              </span>
              <span role="gridcell" className="right number secondary">
                {row.startedAt === undefined ? "–" : formatAgo(row.startedAt, now)}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
