import { percent } from "./numbers.ts";
import type { SweepReport } from "./sweep-report.ts";
import { text } from "./html-text.ts";

const ROW_PX = 26;
const LABEL_PX = 250;
const AXIS_PX = 420;
const TOP_PX = 28;
/** Okabe and Ito's colours, safe for colour-blind readers. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];

/** One column as a plot: a dot with its 95 % interval for every row, the paper's number as a grey diamond. SVG text. */
export function columnPlot({ rows, columns }: SweepReport, column: number): string {
  const families = [...new Set(rows.map(({ family }) => family))];
  const several = new Set(rows.map(({ evaluation }) => evaluation)).size > 1;
  const height = TOP_PX + ROW_PX * rows.length + 8;
  const x = (share: number) => (LABEL_PX + AXIS_PX * share).toFixed(1);
  const axis = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
    (share) =>
      `<line class="grid" x1="${x(share)}" x2="${x(share)}" y1="${TOP_PX - 6}" y2="${height - 6}"/>` +
      `<text class="tick" x="${x(share)}" y="${TOP_PX - 12}" text-anchor="middle">${100 * share} %</text>`,
  );
  const marks = rows.map(({ family, arm, evaluation, cells }, i) => {
    const { success, n, paper } = cells[column]!;
    const y = TOP_PX + ROW_PX * i + ROW_PX / 2;
    const colour = COLOURS[families.indexOf(family) % COLOURS.length]!;
    const name = several ? `${family}  ${arm}, ${evaluation}` : `${family}  ${arm}`;
    const label = `<text x="${LABEL_PX - 12}" y="${y + 4}" text-anchor="end">${text(name)}</text>`;
    const interval =
      n === 0
        ? ""
        : `<line stroke="${colour}" stroke-width="2" x1="${x(success.low)}" x2="${x(success.high)}" y1="${y}" y2="${y}"/>` +
          `<circle fill="${colour}" cx="${x(success.share)}" cy="${y}" r="4.5"/>`;
    const tip = `<title>${text(`${name}: ${percent(success.share)} % of ${n}`)}</title>`;
    return `<g>${tip}${label}${interval}${paper === undefined ? "" : diamond(Number(x(paper / 100)), y)}</g>`;
  });
  const width = LABEL_PX + AXIS_PX + 30;
  return (
    `<svg role="img" aria-label="${text(columns[column]!)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">` +
    `${axis.join("")}${marks.join("")}</svg>`
  );
}

const diamond = (x: number, y: number) =>
  `<path class="paper" d="M${x} ${y - 5.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z"><title>the paper</title></path>`;
