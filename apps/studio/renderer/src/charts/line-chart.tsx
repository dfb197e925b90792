import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { tokenColor } from "../theme/colors.ts";
import { formatCount, formatDuration, formatValue } from "../text/format.ts";
import type { ChartBand, PlotLine } from "./plot-lines.ts";
import { nearestIndex } from "./decimate.ts";
import "./charts.css";

interface LineChartProps {
  readonly title: string;
  readonly lines: readonly PlotLine[];
  readonly bands?: readonly ChartBand[];
  readonly axis: "step" | "time";
  readonly isLogX: boolean;
  readonly isLogY: boolean;
  /** Charts with the same key share the pointer's x. */
  readonly syncKey: string;
}

interface Reading {
  readonly x: number;
  readonly rows: readonly { label: string; color: string; value: number | null }[];
  readonly side: "left" | "right";
}

const MAX_READ = 14;

// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the library declares a const enum, which has no value to import
const logScale = { distr: 3 } as { distr: uPlot.Scale.Distr };

function joined(lines: readonly PlotLine[], bands: readonly ChartBand[]): uPlot.AlignedData {
  const tables: uPlot.AlignedData[] = lines.map(({ x, y }) => [x as number[], y as number[]]);
  for (const { x, low, high } of bands) tables.push([x as number[], low as number[], high as number[]]);
  if (tables.length === 0) return [[0]];
  return tables.length === 1 ? tables[0]! : uPlot.join(tables);
}

const shortNumber = (value: number) => (Math.abs(value) >= 1000 ? `${formatValue(value / 1000)}k` : formatValue(value));

/** One metric over train steps or time. Raw lines are drawn faint under the smoothed ones; the pointer reads every run at its x. Drag zooms, double-click resets. */
export function LineChart({ title, lines, bands = [], axis, isLogX, isLogY, syncKey }: LineChartProps) {
  const scheme = useComputedColorScheme("dark");
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const [reading, setReading] = useState<Reading>();

  const read = useEffectEvent((at: uPlot) => {
    const { left } = at.cursor;
    if (left === undefined || left < 0) {
      setReading(undefined);
      return;
    }
    const x = at.posToVal(left, "x");
    const rows = lines
      .filter(({ isFaint }) => !isFaint)
      .map(({ label, color, x: xs, y }) => ({ label, color, value: y[nearestIndex(xs, x)] ?? null }))
      .sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity));
    setReading({ x, rows, side: left > at.over.clientWidth / 2 ? "left" : "right" });
  });

  // A new plot when its form changes; new points only replace its data, so that nothing jumps while they stream in.
  const shape = JSON.stringify([
    lines.map(({ label, color, isFaint }) => [label, color, isFaint]),
    bands.map(({ color }) => color),
    axis,
    isLogX,
    isLogY,
    scheme,
  ]);
  const make = useEffectEvent((target: HTMLDivElement) => {
    const secondary = tokenColor("--secondary");
    const grid = { stroke: tokenColor("--line"), width: 1 };
    const common = { stroke: secondary, grid, ticks: { ...grid, size: 4 }, font: "11px 'Inter Variable'", gap: 4 };
    const options: uPlot.Options = {
      width: Math.max(80, target.clientWidth),
      height: Math.max(60, target.clientHeight),
      legend: { show: false },
      cursor: {
        sync: { key: syncKey, setSeries: false },
        points: { show: false },
        drag: { x: true, y: false },
        x: true,
        y: false,
      },
      scales: {
        x: { time: false, ...(isLogX ? logScale : {}) },
        y: { ...(isLogY ? logScale : {}), range: (_u, min, max) => paddedRange(min, max, isLogY) },
      },
      axes: [
        {
          ...common,
          size: 28,
          values: (_u, splits) => splits.map((value) => (axis === "time" ? formatDuration(value) : shortNumber(value))),
        },
        {
          ...common,
          size: 56,
          values: (_u, splits) => splits.map((value) => formatValue(value)),
        },
      ],
      series: [
        {},
        ...lines.map(({ color, isFaint }) => ({
          stroke: color,
          alpha: isFaint ? 0.28 : 1,
          width: isFaint ? 1 : 1.6,
          spanGaps: true,
          points: { show: false },
        })),
        ...bands.flatMap(({ color }) =>
          [0, 1].map(() => ({ stroke: color, alpha: 0.5, width: 0.5, spanGaps: true, points: { show: false } })),
        ),
      ],
      bands: bands.map(({ color }, index) => ({
        series: [lines.length + 2 + 2 * index, lines.length + 1 + 2 * index] as [number, number],
        fill: `${color}33`,
      })),
      hooks: { setCursor: [read] },
    };
    return new uPlot(options, joined(lines, bands), target);
  });
  useEffect(() => {
    const target = host.current!;
    const made = make(target);
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: Math.max(80, target.clientWidth), height: Math.max(60, target.clientHeight) }),
    );
    observer.observe(target);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [shape, syncKey]);
  useEffect(() => {
    const now = plot.current;
    if (now === undefined) return;
    const [from, to] = [now.scales["x"]?.min, now.scales["x"]?.max];
    const before = now.data[0];
    const isZoomed = from != null && to != null && before.length > 1 && (from > before[0]! || to < before.at(-1)!);
    now.setData(joined(lines, bands), !isZoomed);
    if (isZoomed) now.setScale("x", { min: from, max: to });
  }, [lines, bands]);

  const last = lines.find(({ isFaint }) => !isFaint);
  return (
    <div
      className="line-chart"
      role="img"
      aria-label={`${title}: ${lines.filter(({ isFaint }) => !isFaint).length} curves, last value ${formatValue(last?.y.at(-1))}`}
      onPointerLeave={() => setReading(undefined)}
    >
      <div className="line-chart-plot" ref={host} />
      {reading && reading.rows.length > 0 && (
        <div className="reading number" data-side={reading.side}>
          <div className="secondary">
            {axis === "time" ? formatDuration(reading.x) : `train step ${formatCount(Math.round(reading.x))}`}
          </div>
          {reading.rows.slice(0, MAX_READ).map(({ label, color, value }) => (
            <div key={label} className="reading-row">
              <span className="swatch" style={{ background: color }} />
              <span className="truncate">{label}</span>
              <span>{formatValue(value)}</span>
            </div>
          ))}
          {reading.rows.length > MAX_READ && <div className="secondary">and {reading.rows.length - MAX_READ} more</div>}
        </div>
      )}
    </div>
  );
}

function paddedRange(min: number | null, max: number | null, isLog: boolean): [number, number] {
  if (min === null || max === null) return isLog ? [0.1, 1] : [0, 1];
  if (isLog) return [min / 1.2, max * 1.2];
  const pad = (max - min || Math.abs(max) || 1) * 0.06;
  return [min >= 0 && min - pad < 0 ? 0 : min - pad, max + pad];
}
