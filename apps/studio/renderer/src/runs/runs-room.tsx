import { Button } from "@mantine/core";
import { IconArrowsDiff, IconChartLine } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useComputedColorScheme } from "@mantine/core";
import { useCommands, type Command } from "../commands/registry.ts";
import { EmptyState } from "../feedback/empty-state.tsx";
import { navigate, setParams } from "../route/navigate.ts";
import type { Route } from "../route/route.ts";
import { knownNames } from "../shell/crumbs.ts";
import { RoomLayout } from "../shell/room-layout.tsx";
import { useRemembered } from "../store/remembered.ts";
import { useStore } from "../store/store.ts";
import { formatCount } from "../text/format.ts";
import { seriesColor } from "../theme/colors.ts";
import { AblationPage } from "./ablation/ablation-page.tsx";
import { SweepPanel } from "./ablation/sweep-panel.tsx";
import { ComparePage } from "./compare-page.tsx";
import { CurveToolbar } from "./curve-toolbar.tsx";
import { orderedKeys, useCurveView } from "./curve-view.ts";
import { activeJobs } from "./job-watch.ts";
import { LaunchPanel } from "./launch-panel.tsx";
import { MachineLoad } from "./machine-load.tsx";
import { metricKeys } from "./queries.ts";
import { MAX_LINES, RunCharts } from "./run-charts.tsx";
import { RunInspector } from "./run-inspector.tsx";
import { RunPage } from "./run-page.tsx";
import { runQueryOf } from "./run-params.ts";
import { RunTable } from "./run-table.tsx";
import { RunsFilters } from "./runs-filters.tsx";
import "../datasets/datasets.css";
import "./runs.css";

const MAX_IN_ADDRESS = 24;

function TableRoom({ params }: { params: Readonly<Record<string, string>> }) {
  const scheme = useComputedColorScheme("dark");
  const query = useMemo(() => runQueryOf(params), [params]);
  const fromAddress = useMemo(() => (params["sel"] ?? "").split(",").filter(Boolean), [params]);
  const [many, setMany] = useState<readonly string[]>([]);
  const selected = fromAddress.length > 0 ? fromAddress : many;
  const lead = params["lead"] ?? selected.at(-1);
  const [counts, setCounts] = useState<{ nMatched: number; nTotal: number }>();
  const [hidden, setHidden] = useRemembered<readonly string[]>("runs/hidden-curves", []);
  const [view] = useCurveView();
  const names = useStore(knownNames);
  const nJobs = useStore(activeJobs);
  const { data: keys = [] } = useQuery(metricKeys(selected));
  const ordered = useMemo(() => orderedKeys(keys), [keys]);
  const shown = ordered.filter((key) => !hidden.includes(key));
  const groupBy = params["group"] ?? "";
  const nameOf = useCallback((runId: string) => names[runId] ?? runId, [names]);
  const onCounts = useCallback((nMatched: number, nTotal: number) => setCounts({ nMatched, nTotal }), []);
  const onSelect = useCallback((runIds: readonly string[], next: string) => {
    const isMany = runIds.length > MAX_IN_ADDRESS;
    setMany(isMany ? runIds : []);
    setParams({ sel: isMany ? "" : runIds.join(","), lead: next });
  }, []);
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        { id: "runs.new", title: "New run", group: "Runs", keys: ["n"], run: () => setParams({ launch: "new" }) },
        { id: "runs.sweep", title: "New ablation", group: "Runs", run: () => setParams({ launch: "sweep" }) },
        {
          id: "runs.compare",
          title: "Compare the selected runs",
          group: "Runs",
          keys: ["c"],
          run: () => selected.length > 1 && navigate({ view: "compare", runIds: selected.slice(0, MAX_IN_ADDRESS) }),
        },
        {
          id: "runs.search",
          title: "Search runs",
          group: "Runs",
          keys: ["/"],
          run: () => document.getElementById("run-search")?.focus(),
        },
      ],
      [selected],
    ),
  );
  const isEmpty = counts?.nTotal === 0;
  const launch = params["launch"];
  return (
    <RoomLayout
      id="runs"
      listLabel="Filters"
      list={
        <RunsFilters
          query={query}
          keys={ordered}
          shown={shown}
          onShown={(next) =>
            setHidden([
              ...hidden.filter((key) => !ordered.includes(key)),
              ...ordered.filter((key) => !next.includes(key)),
            ])
          }
        />
      }
      timelineHeightPx={400}
      main={
        <>
          <div className="toolbar">
            <span className="number small secondary" role="status" data-testid="run-count">
              {counts === undefined ? "…" : `${formatCount(counts.nMatched)} of ${formatCount(counts.nTotal)} runs`}
              {selected.length > 0 && `, ${formatCount(selected.length)} selected`}
            </span>
            <div className="toolbar-space" />
            <Button
              leftSection={<IconArrowsDiff size={14} />}
              disabled={selected.length < 2}
              onClick={() => navigate({ view: "compare", runIds: selected.slice(0, MAX_IN_ADDRESS) })}
            >
              Compare
            </Button>
          </div>
          {isEmpty && (
            <EmptyState
              icon={<IconChartLine size={36} stroke={1.3} />}
              title="Runs"
              command="pixelvla train RECIPE --dataset FOLDER"
              action={
                <Button variant="filled" onClick={() => setParams({ launch: "new" })}>
                  Start a run
                </Button>
              }
            >
              Train a recipe on a dataset and watch it live. Runs started from a terminal appear here by themselves.
            </EmptyState>
          )}
          <div className="run-table-frame" hidden={isEmpty}>
            <RunTable
              query={query}
              selected={selected}
              lead={lead}
              onSelect={onSelect}
              onCounts={onCounts}
              colorOf={(runId) => {
                const at = selected.indexOf(runId);
                return at < 0 || selected.length > MAX_LINES ? undefined : seriesColor(at, scheme);
              }}
            />
          </div>
        </>
      }
      timeline={
        isEmpty ? undefined : (
          <div className="curves-panel">
            <CurveToolbar runIds={selected} groupBy={groupBy} onGroupBy={(group) => setParams({ group })} />
            {selected.length === 0 ? (
              <p className="secondary curves-none">
                Select runs to see their curves. Control adds one, shift a range, Ctrl-A all.
              </p>
            ) : (
              <RunCharts
                runIds={selected}
                keys={shown}
                view={view}
                nameOf={nameOf}
                isLive={nJobs > 0}
                groupBy={groupBy}
              />
            )}
          </div>
        )
      }
      inspectorLabel={launch === undefined ? "Run" : launch === "sweep" ? "New ablation" : "New run"}
      inspector={
        launch === "sweep" ? (
          <SweepPanel />
        ) : launch !== undefined ? (
          <LaunchPanel key={launch} from={launch} />
        ) : lead !== undefined ? (
          <RunInspector runId={lead} />
        ) : (
          <NoRun />
        )
      }
    />
  );
}

/** The inspector before a run is chosen, so that nothing moves when one is. */
function NoRun() {
  return (
    <>
      <p className="panel-section secondary small">
        Select a run to see its state, commands, last values and checkpoints.
      </p>
      <MachineLoad />
    </>
  );
}

/** Room "Runs": which of its views the address means. */
export function RunsRoom({ route }: { route: Route }) {
  if (route.view === "run") return <RunPage runId={route.runId} params={route.params} />;
  if (route.view === "ablation") return <AblationPage runId={route.runId} />;
  if (route.view === "compare") return <ComparePage runIds={route.runIds} params={route.params} />;
  return <TableRoom params={route.params} />;
}
