import { useVirtualizer } from "@tanstack/react-virtual";
import { IconFilterOff } from "@tabler/icons-react";
import { Button } from "@mantine/core";
import { useEffect, useEffectEvent, useRef, useState, type KeyboardEvent, type MouseEvent } from "react";
import { thumbnailWidthsPx } from "@pixelvla/studio-contract/urls";
import type { DatasetDetail, EpisodeRow } from "../../host/types.ts";
import { EmptyState } from "../../feedback/empty-state.tsx";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { problemOf } from "../../host/problem.ts";
import { navigate, setParams } from "../../route/navigate.ts";
import { paramsOfFilter, type GridView } from "../filter-params.ts";
import { gridShape } from "./columns.ts";
import { EpisodeCard } from "./episode-card.tsx";
import { useEpisodePages } from "./episode-pages.ts";
import { emptySelection, select, type Selection } from "./selection.ts";

interface EpisodeGridProps {
  readonly dataset: DatasetDetail;
  readonly view: GridView;
  readonly wantedPx: number;
  readonly onCounts: (nMatched: number | undefined, nTotal: number | undefined) => void;
  readonly onSelection: (selection: Selection, lead: EpisodeRow | undefined, rows: readonly EpisodeRow[]) => void;
}

/** Rows of cards, of which only those in sight exist. Click selects, shift extends, Enter or a double click opens, arrows move. */
export function EpisodeGrid({ dataset, view, wantedPx, onCounts, onSelection }: EpisodeGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [widthPx, setWidthPx] = useState(0);
  const [selection, setSelection] = useState<Selection>(emptySelection);
  const camera = dataset.cameras.find(({ key }) => key === dataset.primaryCamera) ?? dataset.cameras[0];
  const aspect = camera && camera.widthPx > 0 ? Math.min(1.2, camera.heightPx / camera.widthPx) : 0.75;
  const { nColumns, cardPx, rowPx } = gridShape(widthPx, wantedPx, aspect);
  const [window_, setWindow] = useState({ first: 0, last: 0 });
  const pages = useEpisodePages(dataset.datasetId, view, window_.first, window_.last);
  const nRows = Math.ceil((pages.nMatched ?? 0) / nColumns);
  const virtual = useVirtualizer({
    count: nRows,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 2,
  });

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidthPx(entry!.contentRect.width));
    observer.observe(scroller.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => virtual.measure(), [rowPx, virtual]);
  const items = virtual.getVirtualItems();
  const first = (items[0]?.index ?? 0) * nColumns;
  const last = ((items.at(-1)?.index ?? 0) + 1) * nColumns - 1;
  useEffect(
    () => setWindow((now) => (now.first === first && now.last === last ? now : { first, last })),
    [first, last],
  );

  const tellCounts = useEffectEvent(onCounts);
  useEffect(() => tellCounts(pages.nMatched, pages.nTotal), [pages.nMatched, pages.nTotal]);
  const queryKey = JSON.stringify(view);
  const tellSelection = useEffectEvent((next: Selection) => {
    const rows = [...next.positions].flatMap((position) => pages.rowAt(position) ?? []);
    onSelection(next, next.lead === undefined ? undefined : pages.rowAt(next.lead), rows);
  });
  useEffect(() => tellSelection(selection), [selection]);
  useEffect(() => {
    setSelection(emptySelection);
    scroller.current?.scrollTo({ top: 0 });
  }, [queryKey, dataset.datasetId]);

  function onSelect(position: number, row: EpisodeRow, event: MouseEvent) {
    if (event.detail === 0) return; // Enter on the link opens it
    event.preventDefault();
    if (event.detail === 2) {
      navigate({
        view: "episode",
        datasetId: dataset.datasetId,
        episodeIndex: row.episodeIndex,
        params: listParams,
      });
      return;
    }
    setSelection(select(selection, position, { toggle: event.ctrlKey || event.metaKey, extend: event.shiftKey }));
  }
  const listParams = Object.fromEntries(
    Object.entries(paramsOfFilter(view)).filter((pair): pair is [string, string] => Boolean(pair[1])),
  );

  function onKeyDown(event: KeyboardEvent) {
    const at = Number((event.target as HTMLElement).dataset["position"]);
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -nColumns,
      ArrowDown: nColumns,
      Home: -at,
      End: (pages.nMatched ?? 0) - 1 - at,
    };
    const move = steps[event.key];
    if (Number.isNaN(at) || move === undefined || pages.nMatched === undefined) return;
    const next = at + move;
    event.preventDefault();
    if (next < 0 || next >= pages.nMatched) return;
    virtual.scrollToIndex(Math.floor(next / nColumns));
    setSelection(select(selection, next, { extend: event.shiftKey }));
    const focus = () =>
      scroller.current?.querySelector<HTMLElement>(`[data-position="${next}"]`)?.focus({ preventScroll: true });
    requestAnimationFrame(() => requestAnimationFrame(focus));
  }

  if (pages.error) return <ProblemPanel problem={problemOf(pages.error)} onRetry={pages.retry} />;
  const thumbnailPx = thumbnailWidthsPx.find((width) => width >= cardPx * Math.min(2, window.devicePixelRatio)) ?? 384;
  const isEmpty = pages.nMatched === 0;
  return (
    <div
      className="grid-scroll"
      ref={scroller}
      onKeyDown={onKeyDown}
      data-own-arrows
      data-testid="grid"
      tabIndex={isEmpty ? 0 : -1}
    >
      {isEmpty && (
        <EmptyState
          icon={<IconFilterOff size={32} stroke={1.4} />}
          title="No episode matches"
          action={
            <Button onClick={() => setParams({ q: "", tasks: "", splits: "", annotation: "", min: "", max: "" })}>
              Clear filters
            </Button>
          }
        >
          All conditions on the left and the search must hold at once.
        </EmptyState>
      )}
      {pages.nMatched === undefined && (
        <div className="grid-row" style={{ gridTemplateColumns: `repeat(${nColumns}, 1fr)` }}>
          {Array.from({ length: nColumns * 4 }, (_, index) => (
            <div key={index} className="skeleton" style={{ height: rowPx - 8 }} />
          ))}
        </div>
      )}
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {items.map(({ index, start }) => (
          <div
            key={index}
            className="grid-row"
            style={{
              position: "absolute",
              top: 0,
              transform: `translateY(${start}px)`,
              height: rowPx,
              gridTemplateColumns: `repeat(${nColumns}, 1fr)`,
            }}
          >
            {Array.from({ length: nColumns }, (_, column) => {
              const position = index * nColumns + column;
              if (position >= (pages.nMatched ?? 0)) return null;
              const row = pages.rowAt(position);
              if (row === undefined || camera === undefined)
                return <div key={column} className="skeleton" style={{ height: rowPx - 8 }} />;
              return (
                <EpisodeCard
                  key={row.episodeIndex}
                  row={row}
                  position={position}
                  datasetId={dataset.datasetId}
                  revision={dataset.revision}
                  camera={camera.key}
                  thumbnailPx={thumbnailPx}
                  isSelected={selection.positions.has(position)}
                  search={listParams}
                  onSelect={onSelect}
                />
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}
