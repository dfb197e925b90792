import { ActionIcon, Select, SegmentedControl, TextInput, Tooltip } from "@mantine/core";
import { IconArrowsSort, IconSearch, IconSortAscending, IconSortDescending } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { EpisodeRow } from "../../host/types.ts";
import { useCommands, type Command } from "../../commands/registry.ts";
import { ProblemPanel } from "../../feedback/problem-panel.tsx";
import { problemOf } from "../../host/problem.ts";
import { navigate, setParams } from "../../route/navigate.ts";
import { learnName } from "../../shell/crumbs.ts";
import { RoomLayout } from "../../shell/room-layout.tsx";
import { useRemembered } from "../../store/remembered.ts";
import { formatCount } from "../../text/format.ts";
import { DatasetInspector } from "../dataset-inspector.tsx";
import { DatasetList } from "../dataset-list.tsx";
import { gridViewOf } from "../filter-params.ts";
import { Filters } from "../filters.tsx";
import { datasetDetail } from "../queries.ts";
import { ViewTabs } from "../view-tabs.tsx";
import { EpisodeGrid } from "./episode-grid.tsx";
import type { Selection } from "./selection.ts";

const sizes = { small: 112, medium: 160, large: 232 };
const sortWords = [
  { value: "episodeIndex", label: "Episode" },
  { value: "nFrames", label: "Length" },
  { value: "task", label: "Task" },
  { value: "split", label: "Split" },
  { value: "annotation", label: "Annotation" },
];

/** A dataset's episodes as a grid, with search, filters and order kept in the address. */
export function GridRoom({ datasetId, params }: { datasetId: string; params: Readonly<Record<string, string>> }) {
  const { data: dataset, error, refetch } = useQuery(datasetDetail(datasetId));
  const [size, setSize] = useRemembered<keyof typeof sizes>("grid/size", "medium");
  const [counts, setCounts] = useState<{ nMatched?: number | undefined; nTotal?: number | undefined }>({});
  const [chosen, setChosen] = useState<{ lead: EpisodeRow | undefined; n: number; rows: readonly EpisodeRow[] }>({
    lead: undefined,
    n: 0,
    rows: [],
  });
  useEffect(() => dataset && learnName(datasetId, dataset.name), [dataset, datasetId]);
  const searchBox = useRef<HTMLInputElement>(null);
  const view = useMemo(() => gridViewOf(params), [params]);
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        {
          id: "grid.search",
          title: "Search episodes",
          group: "Episodes",
          keys: ["/"],
          run: () => searchBox.current?.focus(),
        },
        {
          id: "grid.statistics",
          title: "Show statistics",
          group: "Episodes",
          keys: ["s"],
          run: () => navigate({ view: "statistics", datasetId }),
        },
      ],
      [datasetId],
    ),
  );
  const onCounts = useCallback(
    (nMatched: number | undefined, nTotal: number | undefined) => setCounts({ nMatched, nTotal }),
    [],
  );
  const onSelection = useCallback(
    (selection: Selection, lead: EpisodeRow | undefined, rows: readonly EpisodeRow[]) =>
      setChosen({ lead, n: selection.positions.size, rows }),
    [],
  );
  const { by, direction } = view.sort;
  const main = (
    <>
      <div className="toolbar">
        <ViewTabs datasetId={datasetId} view="dataset" />
        <TextInput
          ref={searchBox}
          className="toolbar-search"
          aria-label="Search episodes"
          placeholder="Words of the task, or an episode's number"
          leftSection={<IconSearch size={14} />}
          value={view.filter.search}
          onChange={(event) => setParams({ q: event.currentTarget.value })}
          onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        />
        <span className="number secondary small toolbar-count" role="status" data-testid="count">
          {counts.nMatched === undefined
            ? "…"
            : `${formatCount(counts.nMatched)} of ${formatCount(counts.nTotal ?? 0)} episodes`}
          {chosen.n > 1 && `, ${formatCount(chosen.n)} selected`}
        </span>
        <div className="toolbar-space" />
        <Select
          aria-label="Sort by"
          w={120}
          leftSection={<IconArrowsSort size={14} />}
          data={sortWords}
          value={by}
          onChange={(next) => setParams({ sort: `${next ?? "episodeIndex"}:${direction}` })}
        />
        <Tooltip label={direction === "ascending" ? "Smallest first" : "Largest first"}>
          <ActionIcon
            aria-label={direction === "ascending" ? "Sorted smallest first" : "Sorted largest first"}
            onClick={() => setParams({ sort: `${by}:${direction === "ascending" ? "descending" : "ascending"}` })}
          >
            {direction === "ascending" ? <IconSortAscending size={16} /> : <IconSortDescending size={16} />}
          </ActionIcon>
        </Tooltip>
        <SegmentedControl
          aria-label="Size of the pictures"
          value={size}
          onChange={(next) => setSize(next)}
          data={[
            { value: "small", label: "S" },
            { value: "medium", label: "M" },
            { value: "large", label: "L" },
          ]}
        />
      </div>
      {error && <ProblemPanel problem={problemOf(error)} onRetry={() => void refetch()} />}
      {dataset && (
        <EpisodeGrid
          dataset={dataset}
          view={view}
          wantedPx={sizes[size]}
          onCounts={onCounts}
          onSelection={onSelection}
        />
      )}
    </>
  );
  return (
    <RoomLayout
      id="datasets"
      listLabel="Datasets and filters"
      list={
        <>
          <DatasetList current={datasetId} />
          {dataset && <Filters datasetId={datasetId} view={view} nTotal={counts.nTotal} />}
        </>
      }
      main={main}
      inspector={
        dataset && <DatasetInspector dataset={dataset} lead={chosen.lead} selected={chosen.rows} nSelected={chosen.n} />
      }
    />
  );
}
