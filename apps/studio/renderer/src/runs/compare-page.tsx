import { useComputedColorScheme } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useCommands, type Command } from "../commands/registry.ts";
import { navigate, setParams } from "../route/navigate.ts";
import { formatRoute } from "../route/route.ts";
import { RoomLayout } from "../shell/room-layout.tsx";
import { formatValue } from "../text/format.ts";
import { seriesColor } from "../theme/colors.ts";
import { CurveToolbar } from "./curve-toolbar.tsx";
import { orderedKeys, useCurveView } from "./curve-view.ts";
import { DiffTable } from "./diff-table.tsx";
import { isActive } from "./job-ends.ts";
import { metricKeys, runDetail } from "./queries.ts";
import { RunCharts } from "./run-charts.tsx";
import { StateBadge } from "./state-badge.tsx";

/** Runs over one another: curves overlaid, last values and recipe fields side by side. */
export function ComparePage({
  runIds,
  params,
}: {
  runIds: readonly string[];
  params: Readonly<Record<string, string>>;
}) {
  const scheme = useComputedColorScheme("dark");
  const [view] = useCurveView();
  const ids = useMemo(() => runIds.slice(0, 200), [runIds]);
  const details = useQueries({ queries: ids.map((runId) => runDetail(runId)) });
  const { data: keys = [] } = useQuery(metricKeys(ids));
  const names = JSON.stringify(details.map(({ data }) => data?.name));
  const nameOf = useMemo(() => {
    const known = JSON.parse(names) as (string | null)[];
    return (runId: string) => known[ids.indexOf(runId)] ?? runId;
  }, [names, ids]);
  const colorOf = (runId: string) => seriesColor(Math.max(0, ids.indexOf(runId)), scheme);
  const ordered = orderedKeys(keys);
  useCommands(
    useMemo<readonly Command[]>(
      () => [
        {
          id: "compare.back",
          title: "Back to all runs",
          group: "Run",
          keys: ["Escape"],
          run: () => navigate({ view: "runs", params: { sel: ids.join(",") } }),
        },
      ],
      [ids],
    ),
  );
  return (
    <RoomLayout
      id="compare"
      listLabel="Compared runs"
      timelineHeightPx={260}
      list={
        <>
          <div className="sidebar-head">
            <a href={formatRoute({ view: "runs", params: { sel: ids.join(",") } })}>All runs</a>
          </div>
          <ul className="run-list">
            {ids.map((runId, index) => (
              <li key={runId}>
                <a className="run-item" href={formatRoute({ view: "run", runId })}>
                  <span className="swatch" style={{ background: colorOf(runId) }} />
                  <span className="truncate">{nameOf(runId)}</span>
                  {details[index]?.data && <StateBadge state={details[index].data.state} />}
                </a>
              </li>
            ))}
          </ul>
          <section className="panel-section">
            <h2 className="panel-title">Last values</h2>
            {ordered.map((key) => (
              <div key={key} className="last-values">
                <div className="secondary small">{key}</div>
                {ids.slice(0, 12).map((runId, index) => (
                  <div key={runId} className="last-value number small">
                    <span className="swatch" style={{ background: colorOf(runId) }} />
                    <span className="truncate secondary">{nameOf(runId)}</span>
                    <span>{formatValue(details[index]?.data?.latest[key])}</span>
                  </div>
                ))}
              </div>
            ))}
          </section>
        </>
      }
      main={
        <>
          <CurveToolbar runIds={ids} groupBy={params["group"] ?? ""} onGroupBy={(group) => setParams({ group })} />
          <RunCharts
            runIds={ids}
            keys={ordered}
            view={view}
            nameOf={nameOf}
            isLive={details.some(({ data }) => data !== undefined && isActive(data.state))}
            groupBy={params["group"] ?? ""}
          />
        </>
      }
      timeline={<DiffTable runIds={ids} nameOf={nameOf} colorOf={colorOf} />}
    />
  );
}
