import { useVirtualizer } from "@tanstack/react-virtual";
import { IconArrowLeft } from "@tabler/icons-react";
import { TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { setParams } from "../../route/navigate.ts";
import { formatRoute } from "../../route/route.ts";
import { formatCount } from "../../text/format.ts";
import type { GridView } from "../filter-params.ts";
import { useEpisodePages } from "../grid/episode-pages.ts";

const ROW_PX = 28;

/** The filtered episodes as a list beside the player, in the grid's order. */
export function EpisodeSidebar({
  datasetId,
  current,
  view,
  params,
}: {
  datasetId: string;
  current: number;
  view: GridView;
  params: Readonly<Record<string, string>>;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const [window_, setWindow] = useState({ first: 0, last: 0 });
  const pages = useEpisodePages(datasetId, view, window_.first, window_.last);
  const virtual = useVirtualizer({
    count: pages.nMatched ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(
    () => setWindow((now) => (now.first === first && now.last === last ? now : { first, last })),
    [first, last],
  );
  return (
    <>
      <div className="sidebar-head">
        <a href={formatRoute({ view: "dataset", datasetId, params })}>
          <IconArrowLeft size={14} aria-hidden /> All episodes
        </a>
        <TextInput
          aria-label="Search episodes"
          placeholder="Filter"
          value={view.filter.search}
          onChange={(event) => setParams({ q: event.currentTarget.value })}
        />
        <span className="number secondary small">
          {pages.nMatched === undefined
            ? "…"
            : `${formatCount(pages.nMatched)} of ${formatCount(pages.nTotal ?? 0)} episodes`}
        </span>
      </div>
      <div className="sidebar-scroll" ref={scroller}>
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {items.map(({ index, start }) => {
            const row = pages.rowAt(index);
            return row === undefined ? null : (
              <a
                key={row.episodeIndex}
                className="sidebar-row"
                style={{ transform: `translateY(${start}px)` }}
                href={formatRoute({ view: "episode", datasetId, episodeIndex: row.episodeIndex, params })}
                aria-current={row.episodeIndex === current || undefined}
              >
                <span className="number secondary">{row.episodeIndex}</span>
                <span className="truncate">{row.task || "no instruction"}</span>
                <span className="number secondary small">{row.nFrames}</span>
              </a>
            );
          })}
        </div>
      </div>
    </>
  );
}
