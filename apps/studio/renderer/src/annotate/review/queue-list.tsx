import { Select, TextInput } from "@mantine/core";
import { IconRefresh, IconSearch } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useQueries } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { problemOf } from "../../host/problem.ts";
import { queryClient } from "../../host/query-client.ts";
import type { QueueRow } from "../../host/types.ts";
import { setParams } from "../../route/navigate.ts";
import { formatCount } from "../../text/format.ts";
import { QUEUE_PAGE, queuePage, type QueueView } from "../queries.ts";
import { DecisionBadge } from "./decision-badge.tsx";

const ROW_PX = 56;

/** The queue's rows by position, loaded as they come into sight. */
export interface Queue {
  readonly nMatched: number | undefined;
  readonly nTotal: number | undefined;
  readonly rowAt: (position: number) => QueueRow | undefined;
  readonly error: unknown;
  readonly retry: () => void;
}

/** Pages that hold the given positions; the first page also tells the counts. */
export function useQueue(view: QueueView, positions: readonly number[]): Queue {
  const pages = [...new Set([0, ...positions.map((position) => Math.floor(Math.max(0, position) / QUEUE_PAGE))])];
  const results = useQueries({ queries: pages.map((page) => queuePage(view, page)) });
  const head = results[0]?.data;
  return {
    nMatched: head?.nMatched,
    nTotal: head?.nTotal,
    rowAt: (position) => results[pages.indexOf(Math.floor(position / QUEUE_PAGE))]?.data?.rows[position % QUEUE_PAGE],
    error: results.find((result) => result.error !== null)?.error,
    retry: () => results.forEach((result) => void result.refetch()),
  };
}

const shows = [
  { value: "", label: "All episodes" },
  { value: "pending", label: "Not decided" },
  { value: "accepted,corrected", label: "Accepted or fixed" },
  { value: "rejected", label: "Rejected" },
  { value: "hard", label: "Hard" },
];
const sorts = [
  { value: "doubt:descending", label: "Doubted most first" },
  { value: "doubt:ascending", label: "Doubted least first" },
  { value: "score:ascending", label: "Lowest score first" },
  { value: "frames:descending", label: "Longest first" },
  { value: "episode:ascending", label: "By episode" },
];

interface QueueListProps {
  readonly view: QueueView;
  /** Position of the item on the screen. */
  readonly position: number;
  readonly onPosition: (position: number, row: QueueRow) => void;
}

/** The review queue: every episode with its doubt and the reason in words. Only rows in sight exist or are asked for. */
export function QueueList({ view, position, onPosition }: QueueListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState<readonly number[]>([0]);
  const queue = useQueue(view, sight);
  const virtual = useVirtualizer({
    count: queue.nMatched ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  const items = virtual.getVirtualItems();
  const inSight = `${items[0]?.index ?? 0},${items.at(-1)?.index ?? 0}`;
  useEffect(() => setSight(inSight.split(",").map(Number)), [inSight]);
  useEffect(() => {
    if (position >= 0) virtual.scrollToIndex(position, { align: "auto" });
  }, [position, virtual]);
  return (
    <div className="queue">
      <div className="queue-head">
        <TextInput
          id="queue-search"
          aria-label="Search the queue"
          placeholder="Instruction or phrase  /"
          leftSection={<IconSearch size={14} />}
          defaultValue={view.search}
          onChange={(event) => setParams({ q: event.currentTarget.value })}
        />
        <div className="queue-choices">
          <Select
            aria-label="Which episodes"
            data={shows}
            value={view.decisions.join(",")}
            onChange={(show) => setParams({ show: show ?? "" })}
          />
          <Select
            aria-label="Order"
            data={sorts}
            value={`${view.sort}:${view.direction}`}
            onChange={(sort) => setParams({ sort: sort ?? "" })}
          />
        </div>
        <div className="queue-count number small secondary">
          <span data-testid="queue-count">
            {queue.nMatched === undefined
              ? "…"
              : `${formatCount(queue.nMatched)} of ${formatCount(queue.nTotal ?? 0)} episodes`}
          </span>
          <button
            type="button"
            className="quiet with-icon"
            onClick={() => void queryClient.invalidateQueries({ queryKey: ["annotate.queue"] })}
          >
            <IconRefresh size={12} aria-hidden /> Sort again
          </button>
        </div>
      </div>
      {queue.error !== undefined && <ProblemPanel compact problem={problemOf(queue.error)} onRetry={queue.retry} />}
      <div
        ref={scroller}
        className="queue-scroll"
        role="listbox"
        aria-label="Review queue"
        tabIndex={0}
        data-time
        data-testid="queue"
      >
        <div style={{ height: virtual.getTotalSize(), position: "relative" }} role="presentation">
          {items.map(({ index, start }) => {
            const row = queue.rowAt(index);
            const style = { transform: `translateY(${start}px)`, height: ROW_PX };
            if (row === undefined) return <div key={index} className="queue-row skeleton" style={style} aria-hidden />;
            return (
              <div
                key={index}
                role="option"
                aria-selected={index === position}
                className="queue-row"
                data-episode={row.episodeIndex}
                data-decision={row.decision}
                style={style}
                onClick={() => onPosition(index, row)}
              >
                <span className="queue-doubt number" title={`Doubt ${row.doubt.toFixed(2)}`}>
                  <span style={{ height: `${100 * row.doubt}%` }} />
                </span>
                <span className="queue-words">
                  <span className="queue-line">
                    <span className="number secondary">{row.episodeIndex}</span>
                    <span className="truncate">{row.phrase || row.task || "no phrase"}</span>
                    <DecisionBadge decision={row.decision} isShort />
                  </span>
                  <span className="queue-reason secondary" title={row.doubtReason}>
                    {row.doubt.toFixed(2)} {row.doubtReason}
                  </span>
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
