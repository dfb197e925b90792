import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { runFileUrl } from "@pixelvla/studio-contract/urls";
import { useCommands, type Command } from "../commands/registry.ts";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { problemOf } from "../host/problem.ts";
import { queryClient } from "../host/query-client.ts";
import type { RunDetail } from "../host/types.ts";
import { navigate, setParams } from "../route/navigate.ts";
import { learnName } from "../shell/crumbs.ts";
import { RoomLayout } from "../shell/room-layout.tsx";
import { formatAgo, formatBytes } from "../text/format.ts";
import { useRunCommand } from "./commands.tsx";
import { CurveToolbar } from "./curve-toolbar.tsx";
import { orderedKeys, useCurveView } from "./curve-view.ts";
import { LaunchPanel } from "./launch-panel.tsx";
import { LogTail } from "./log-tail.tsx";
import { metricKeys, runDetail } from "./queries.ts";
import { RunCharts } from "./run-charts.tsx";
import { RunInspector } from "./run-inspector.tsx";
import { RunSidebar } from "./run-sidebar.tsx";

const REFRESH_MS = 1000;

function Files({ run }: { run: RunDetail }) {
  const now = Date.now();
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label="Files">
      <table className="table number">
        <thead>
          <tr>
            <th scope="col">File</th>
            <th scope="col" className="right">
              Size
            </th>
            <th scope="col" className="right">
              Changed
            </th>
          </tr>
        </thead>
        <tbody>
          {run.files.map(({ path, sizeBytes, changedAt }) => (
            <tr key={path}>
              <td className="mono">
                <a href={runFileUrl(run.runId, path)} target="_blank" rel="noreferrer">
                  {path}
                </a>
              </td>
              <td className="right">{formatBytes(sizeBytes)}</td>
              <td className="right">{formatAgo(changedAt, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Time between two looks at a run at work when no event arrives, ms: events may be lost while a run starts. */
const LOOK_AGAIN_MS = 4000;

/** Fetches what a run's page shows anew. */
function freshen(): void {
  for (const key of ["runs.curves", "runs.keys", "runs.get"]) void queryClient.invalidateQueries({ queryKey: [key] });
}

/** One run: every curve, its log, configuration and files, live while it runs. */
export function RunPage({ runId, params }: { runId: string; params: Readonly<Record<string, string>> }) {
  const { data: run, error, refetch } = useQuery(runDetail(runId));
  const ids = useMemo(() => [runId], [runId]);
  const { data: keys = [] } = useQuery(metricKeys(ids));
  const [view] = useCurveView();
  const command = useRunCommand(runId);
  const pending = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => run && learnName(runId, run.name), [run, runId]);
  useEffect(
    () => () => {
      clearTimeout(pending.current);
      pending.current = undefined;
    },
    [runId],
  );
  const isAtWork = run?.state === "running" || run?.state === "queued";
  useEffect(() => {
    if (!isAtWork) return undefined;
    const timer = setInterval(freshen, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [isAtWork]);
  const tab = params["tab"] ?? "log";
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        {
          id: "run.back",
          title: "Back to all runs",
          group: "Run",
          keys: ["Escape"],
          run: () => navigate({ view: "runs", params: { sel: runId } }),
        },
        ...(run?.commands ?? []).map((name) => ({
          id: `run.${name}`,
          title: `${name[0]!.toUpperCase()}${name.slice(1)} the run`,
          group: "Run",
          run: () => command.mutate(name),
        })),
        { id: "run.clone", title: "Clone the run", group: "Run", run: () => setParams({ launch: `clone:${runId}` }) },
      ],
      // the mutation object is new with every render, its function is not
      [runId, run?.commands],
    ),
  );

  /** New points freshen the curves at most once a second: smoothing and thinning are the host's work. */
  function onLive() {
    pending.current ??= setTimeout(() => {
      pending.current = undefined;
      freshen();
    }, REFRESH_MS);
  }
  const launch = params["launch"];
  return (
    <RoomLayout
      id="run"
      listLabel="Runs"
      timelineHeightPx={220}
      list={<RunSidebar current={runId} />}
      main={
        error ? (
          <ProblemPanel problem={problemOf(error)} onRetry={() => void refetch()} />
        ) : (
          <>
            <CurveToolbar runIds={ids} groupBy="" onGroupBy={() => undefined} />
            {keys.length === 0 ? (
              <p className="secondary curves-none">{run === undefined ? "…" : "No metric has been written yet."}</p>
            ) : (
              <RunCharts
                runIds={ids}
                keys={orderedKeys(keys)}
                view={view}
                nameOf={() => run?.name ?? runId}
                isLive={false}
                groupBy=""
              />
            )}
          </>
        )
      }
      timeline={
        <div className="run-bottom">
          <div className="toolbar">
            <SegmentedControl
              aria-label="What is shown"
              value={tab}
              onChange={(next) => setParams({ tab: next === "log" ? "" : next })}
              data={[
                { value: "log", label: "Log" },
                { value: "config", label: "Configuration" },
                { value: "files", label: "Files" },
              ]}
            />
          </div>
          <div className="run-tab" hidden={tab !== "log"}>
            <LogTail key={runId} runId={runId} onLive={onLive} />
          </div>
          {tab === "config" && (
            <pre className="log mono" tabIndex={0} aria-label="Configuration">
              {run?.configText}
            </pre>
          )}
          {tab === "files" && run && <Files run={run} />}
        </div>
      }
      inspectorLabel={launch === undefined ? "Run" : "New run"}
      inspector={
        launch !== undefined ? <LaunchPanel key={launch} from={launch} /> : <RunInspector runId={runId} isPage />
      }
    />
  );
}
