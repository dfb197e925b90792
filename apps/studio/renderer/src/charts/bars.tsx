import type { Histogram } from "../host/types.ts";
import { formatCount, formatValue } from "../text/format.ts";
import "./charts.css";

/** A histogram as bars; each bar says its range and count. The axis shows the ends only. */
export function Bars({
  histogram,
  label,
  heightPx,
  marks = [],
}: {
  histogram: Histogram;
  label: string;
  heightPx: number;
  marks?: readonly { value: number; label: string }[];
}) {
  const { edges, counts } = histogram;
  const most = Math.max(1, ...counts);
  const first = edges[0] ?? 0;
  const last = edges.at(-1) ?? 1;
  const widthPercent = Math.min(6, Math.max(0.2, 100 / counts.length - 0.3));
  const x = (value: number) => ((value - first) / (last - first || 1)) * 100;
  return (
    <figure className="bars">
      <svg viewBox={`0 0 100 ${heightPx}`} preserveAspectRatio="none" height={heightPx} role="img" aria-label={label}>
        {counts.map((count, bin) => (
          <rect
            key={bin}
            x={((bin + 0.5) / counts.length) * 100 - widthPercent / 2}
            width={widthPercent}
            y={heightPx - (count === 0 ? 0 : Math.max(1.5, (count / most) * heightPx))}
            height={heightPx}
          >
            <title>{`${formatValue(edges[bin])} to ${formatValue(edges[bin + 1])}: ${formatCount(count)}`}</title>
          </rect>
        ))}
        {marks.map(({ value, label: name }) => (
          <line key={name} x1={x(value)} x2={x(value)} y1={0} y2={heightPx} vectorEffect="non-scaling-stroke">
            <title>{`${name} ${formatValue(value)}`}</title>
          </line>
        ))}
      </svg>
      <figcaption className="number">
        <span>{formatValue(first)}</span>
        <span>{formatValue(last)}</span>
      </figcaption>
    </figure>
  );
}
