import { ActionIcon, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, type ReactNode } from "react";
import { exportChart, type ExportFormat } from "../charts/export.ts";
import { LineChart } from "../charts/line-chart.tsx";
import type { ChartBand, PlotLine } from "../charts/plot-lines.ts";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { problemOf } from "../host/problem.ts";
import type { BandChart as Bands, Curve } from "../host/types.ts";
import { formatCount } from "../text/format.ts";
import { seriesColor } from "../theme/colors.ts";
import { runBands, runCurves, type CurveView } from "./queries.ts";

/** More runs than this are drawn as bands. */
export const MAX_LINES = 24;
const LIVE_MS = 1500;

interface ChartsProps {
  readonly runIds: readonly string[];
  readonly keys: readonly string[];
  readonly view: CurveView;
  readonly nameOf: (runId: string) => string;
  readonly isLive: boolean;
  /** Recipe field to group many runs by. */
  readonly groupBy: string;
}

function ChartFrame({
  title,
  lines,
  bands,
  view,
  note,
}: {
  title: string;
  lines: readonly PlotLine[];
  bands?: readonly ChartBand[];
  view: CurveView;
  note?: string | undefined;
}) {
  const save = (format: ExportFormat) =>
    void exportChart(
      {
        title,
        xLabel: view.axis === "step" ? "train step" : "time (s)",
        isLogY: view.isLogY,
        series: lines.map(({ label, isFaint, x, y }) => ({ label: isFaint ? `${label} (raw)` : label, x, y })),
      },
      format,
    );
  return (
    <figure className="chart" data-testid={`chart-${title}`}>
      <figcaption>
        <span>{title}</span>
        {note !== undefined && <span className="secondary">{note}</span>}
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon size={20} aria-label={`Export ${title}`}>
              <IconDownload size={14} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {(["csv", "svg", "png"] as const).map((format) => (
              <Menu.Item key={format} onClick={() => save(format)}>
                {title} as {format.toUpperCase()}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </figcaption>
      <LineChart
        title={title}
        lines={lines}
        bands={bands ?? []}
        axis={view.axis}
        isLogX={view.isLogX}
        isLogY={view.isLogY}
        syncKey="runs"
      />
    </figure>
  );
}

function CurveChart({
  title,
  curves,
  view,
  nameOf,
  colorOf,
}: {
  title: string;
  curves: readonly Curve[];
  view: CurveView;
  nameOf: (runId: string) => string;
  colorOf: (runId: string) => string;
}) {
  const lines = useMemo<PlotLine[]>(() => {
    const smooth = curves.map(({ runId, smooth: line }) => ({
      label: nameOf(runId),
      color: colorOf(runId),
      x: line.x,
      y: line.y,
    }));
    if (view.smoothing === 0) return smooth;
    const raw = curves.map(({ runId, raw: line }) => ({
      label: nameOf(runId),
      color: colorOf(runId),
      x: line.x,
      y: line.y,
      isFaint: true,
    }));
    return [...raw, ...smooth];
  }, [curves, view.smoothing, nameOf, colorOf]);
  return <ChartFrame title={title} lines={lines} view={view} />;
}

function BandChart({ title, data, view }: { title: string; data: Bands | undefined; view: CurveView }) {
  const scheme = useComputedColorScheme("dark");
  const { lines, bands } = useMemo(() => {
    const x = data?.x ?? [];
    const groups = data?.bands ?? [];
    return {
      lines: groups.map(({ group, nRuns, median }, index) => ({
        label: `${group} (${formatCount(nRuns)})`,
        color: seriesColor(index, scheme),
        x,
        y: median,
      })),
      bands: groups.map(({ q25, q75 }, index) => ({ color: seriesColor(index, scheme), x, low: q25, high: q75 })),
    };
  }, [data, scheme]);
  return <ChartFrame title={title} lines={lines} bands={bands} view={view} note="median, interquartile range" />;
}

/** One chart a metric. Few runs are drawn as raw and smoothed lines, many as the median and quartiles of each group. */
export function RunCharts(props: ChartsProps) {
  const isBands = props.runIds.length > MAX_LINES || props.groupBy !== "";
  return isBands ? <BandCharts {...props} /> : <CurveCharts {...props} />;
}

function BandCharts({ runIds, keys, view, isLive, groupBy }: ChartsProps) {
  const { data, error, refetch } = useQuery({
    ...runBands(runIds, keys, groupBy, view),
    refetchInterval: isLive ? LIVE_MS * 4 : false,
  });
  const byKey = useMemo(() => new Map(data?.map((chart) => [chart.key, chart])), [data]);
  if (error) return <ProblemPanel problem={problemOf(error)} onRetry={() => void refetch()} />;
  return (
    <Charts>
      {keys.map((key) => (
        <BandChart key={key} title={key} data={byKey.get(key)} view={view} />
      ))}
    </Charts>
  );
}

function CurveCharts({ runIds, keys, view, nameOf, isLive }: ChartsProps) {
  const scheme = useComputedColorScheme("dark");
  const { data, error, refetch } = useQuery({
    ...runCurves(runIds, keys, view),
    refetchInterval: isLive ? LIVE_MS : false,
  });
  const colorOf = useMemo(
    () => (runId: string) => seriesColor(Math.max(0, runIds.indexOf(runId)), scheme),
    [runIds, scheme],
  );
  const byKey = useMemo(() => Map.groupBy(data ?? [], ({ key }) => key), [data]);
  if (error) return <ProblemPanel problem={problemOf(error)} onRetry={() => void refetch()} />;
  return (
    <Charts>
      {keys.map((key) =>
        data === undefined ? (
          <div key={key} className="chart skeleton" />
        ) : byKey.has(key) ? (
          <CurveChart key={key} title={key} curves={byKey.get(key)!} view={view} nameOf={nameOf} colorOf={colorOf} />
        ) : null,
      )}
    </Charts>
  );
}

function Charts({ children }: { children: ReactNode }) {
  return (
    <div className="charts" tabIndex={0} role="group" aria-label="Curves of the selected runs">
      {children}
    </div>
  );
}
