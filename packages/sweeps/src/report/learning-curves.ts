import { readMetrics, type MetricsRow } from "@pixelvla/jobs";
import { taskDir, type SweepRecord } from "../run/sweep-folder.ts";
import { text } from "./html-text.ts";

/** Training loss of one run: the L1 where the decoder reports one. */
export interface LearningCurve {
  readonly id: string;
  readonly points: readonly { readonly step: number; readonly loss: number }[];
}

/** Curves of every training run of a sweep that has begun. Runs longer than one page of metrics are read to its end. */
export async function learningCurves(dir: string, { tasks }: SweepRecord): Promise<LearningCurve[]> {
  const training = tasks.filter(({ kind }) => kind === "train");
  const curves = await Promise.all(
    training.map(async ({ id }) => ({ id, points: (await readMetrics(taskDir(dir, id))).rows.flatMap(pointOf) })),
  );
  return curves.filter(({ points }) => points.length > 1);
}

function pointOf(row: MetricsRow): { step: number; loss: number }[] {
  const loss = row["l1"] ?? row["loss"];
  return typeof loss === "number" ? [{ step: row.step, loss }] : [];
}

const WIDTH_PX = 220;
const HEIGHT_PX = 110;
const MARGIN = { left: 38, right: 8, top: 20, bottom: 18 };
/** Means of this many neighbouring rows: a batch's loss is noisy. */
const SMOOTHED_POINTS = 40;

/** One small plot a run, all on the same scale of loss so that they can be compared. HTML text with SVG in it. */
export function curvePlots(curves: readonly LearningCurve[]): string {
  const highest = Math.max(...curves.flatMap(({ points }) => smoothed(points).map(({ loss }) => loss)));
  const plots = curves.map(({ id, points }) => plot(id, smoothed(points), highest));
  return `<div class="curves">${plots.join("")}</div>`;
}

function plot(id: string, points: LearningCurve["points"], highest: number): string {
  const last = points.at(-1)!;
  const width = WIDTH_PX - MARGIN.left - MARGIN.right;
  const height = HEIGHT_PX - MARGIN.top - MARGIN.bottom;
  const x = (step: number) => (MARGIN.left + (width * step) / last.step).toFixed(1);
  const y = (loss: number) => (MARGIN.top + height * (1 - loss / highest)).toFixed(1);
  const line = points.map(({ step, loss }) => `${x(step)},${y(loss)}`).join(" ");
  const tick = (loss: number) =>
    `<text class="tick" x="${MARGIN.left - 5}" y="${Number(y(loss)) + 4}" text-anchor="end">${loss.toPrecision(2)}</text>`;
  return (
    `<svg role="img" aria-label="${text(id)}" viewBox="0 0 ${WIDTH_PX} ${HEIGHT_PX}" width="${WIDTH_PX}" height="${HEIGHT_PX}">` +
    `<text x="${MARGIN.left}" y="12">${text(id)}</text>` +
    [0, highest]
      .map((loss) => `<line class="grid" x1="${x(0)}" x2="${x(last.step)}" y1="${y(loss)}" y2="${y(loss)}"/>`)
      .join("") +
    `${tick(highest)}${tick(0)}<text class="tick" x="${x(last.step)}" y="${HEIGHT_PX - 4}" text-anchor="end">${last.step} train steps, ${last.loss.toPrecision(3)}</text>` +
    `<polyline fill="none" stroke="#0072b2" stroke-width="1.5" points="${line}"/></svg>`
  );
}

/** At most `SMOOTHED_POINTS` points, each the mean of as many neighbours. */
function smoothed(points: LearningCurve["points"]): LearningCurve["points"] {
  const size = Math.ceil(points.length / SMOOTHED_POINTS);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, i) => {
    const group = points.slice(i * size, (i + 1) * size);
    return { step: group.at(-1)!.step, loss: group.reduce((sum, { loss }) => sum + loss, 0) / group.length };
  });
}
