import { extent, ticks, type ChartData } from "./chart-data.ts";

const WIDTH = 960;
const HEIGHT = 540;
const EDGE = { left: 72, right: 200, top: 44, bottom: 48 };
const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** Colours of a saved plot: black on white, as a paper needs it. */
const inks = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/** The chart as a stand-alone SVG of 960 x 540, white, with axes and legend. */
export function toSvg({ title, xLabel, yLabel, series, isLogY = false }: ChartData): string {
  const scaleY = (value: number) => (isLogY ? Math.log10(value) : value);
  const [x0, x1] = extent(series.flatMap(({ x }) => [x[0] ?? null, x.at(-1) ?? null]));
  const [low, high] = extent(
    (function* () {
      for (const { y } of series) yield* y;
    })(),
    isLogY,
  );
  const pad = isLogY ? 0.02 : (high - low || 1) * 0.04;
  const [y0, y1] = isLogY ? [scaleY(low) - pad, scaleY(high) + pad] : [low - pad, high + pad];
  const px = (x: number) => EDGE.left + ((x - x0) / (x1 - x0 || 1)) * (WIDTH - EDGE.left - EDGE.right);
  const py = (value: number) =>
    HEIGHT - EDGE.bottom - ((scaleY(value) - y0) / (y1 - y0 || 1)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const yTicks = isLogY ? ticks(y0, y1).map((power) => 10 ** power) : ticks(y0, y1);

  const grid = [
    ...ticks(x0, x1).map(
      (at) =>
        `<line x1="${px(at).toFixed(1)}" x2="${px(at).toFixed(1)}" y1="${EDGE.top}" y2="${HEIGHT - EDGE.bottom}"/>`,
    ),
    ...yTicks.map(
      (at) =>
        `<line x1="${EDGE.left}" x2="${WIDTH - EDGE.right}" y1="${py(at).toFixed(1)}" y2="${py(at).toFixed(1)}"/>`,
    ),
  ];
  const labels = [
    ...ticks(x0, x1).map(
      (at) => `<text x="${px(at).toFixed(1)}" y="${HEIGHT - EDGE.bottom + 18}" text-anchor="middle">${at}</text>`,
    ),
    ...yTicks.map(
      (at) =>
        `<text x="${EDGE.left - 8}" y="${(py(at) + 4).toFixed(1)}" text-anchor="end">${Number(at.toPrecision(3))}</text>`,
    ),
    `<text x="${(EDGE.left + WIDTH - EDGE.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escaped(xLabel)}</text>`,
    `<text x="${EDGE.left}" y="24" font-weight="600">${escaped(title)}${yLabel === undefined ? "" : escaped(`, ${yLabel}`)}</text>`,
  ];
  const lines = series.map(({ x, y, color }, index) => {
    let path = "";
    let isDown = false;
    x.forEach((at, i) => {
      const value = y[i] ?? null;
      const isDrawn = value !== null && Number.isFinite(value) && (!isLogY || value > 0);
      if (isDrawn) path += `${isDown ? "L" : "M"}${px(at).toFixed(1)} ${py(value).toFixed(1)}`;
      isDown = isDrawn;
    });
    return `<path d="${path}" stroke="${escaped(color ?? inks[index % inks.length]!)}"/>`;
  });
  const legend = series.slice(0, 22).map(({ label, color }, index) => {
    const y = EDGE.top + 8 + index * 20;
    const x = WIDTH - EDGE.right + 16;
    return `<line x1="${x}" x2="${x + 18}" y1="${y}" y2="${y}" stroke="${escaped(color ?? inks[index % inks.length]!)}" stroke-width="2"/><text x="${x + 24}" y="${y + 4}">${escaped(label.slice(0, 26))}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Inter, Helvetica, Arial, sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/><g stroke="#e3e6ec">${grid.join("")}</g><g fill="#333">${labels.join("")}</g><g fill="none" stroke-width="1.6" stroke-linejoin="round">${lines.join("")}</g><g fill="#333">${legend.join("")}</g></svg>`;
}
