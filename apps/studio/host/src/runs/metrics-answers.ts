import { binned, cropped, presentPoints, smooth, thinned, type Line } from "./curve.ts";
import type { MetricsFiles } from "./metrics-files.ts";
import type { CurveAnswer, MetricsAnswers, MetricsQuestion } from "./metrics-messages.ts";

type Question<K> = Extract<MetricsQuestion, { kind: K }>;

/** Answers one question from the files. */
export function answerMetrics(files: MetricsFiles, question: MetricsQuestion): MetricsAnswers[keyof MetricsAnswers] {
  if (question.kind === "curves") return curves(files, question);
  return question.kind === "extent" ? extent(files, question) : bins(files, question);
}

const axisKey = (axis: "step" | "time") => (axis === "step" ? "step" : "timeS");

/** Smoothing runs over every point; only then is the line cut to the range and thinned. */
function curves(
  files: MetricsFiles,
  { files: asked, keys, axis, smoothing, maxPoints, range }: Question<"curves">,
): CurveAnswer[] {
  return asked.flatMap(({ runId, path }) => {
    const columns = files.read(path, [axisKey(axis), ...keys]);
    return keys.map((key): CurveAnswer => {
      const line = presentPoints(columns.column(axisKey(axis)), columns.column(key));
      const raw = thinned(cropped(line, range), maxPoints);
      const smoothed = thinned(cropped({ x: line.x, y: smooth(line.y, smoothing) }, range), maxPoints);
      return { runId, key, nPoints: line.x.length, rawX: raw.x, rawY: raw.y, smoothX: smoothed.x, smoothY: smoothed.y };
    });
  });
}

function line(files: MetricsFiles, path: string, key: string, axis: "step" | "time"): Line {
  const columns = files.read(path, [axisKey(axis), key]);
  return presentPoints(columns.column(axisKey(axis)), columns.column(key));
}

function extent(files: MetricsFiles, { files: asked, key, axis }: Question<"extent">): MetricsAnswers["extent"] {
  let min = Infinity;
  let max = -Infinity;
  for (const { path } of asked) {
    const { x } = line(files, path, key, axis);
    if (x.length === 0) continue;
    min = Math.min(min, x[0]!);
    max = Math.max(max, x.at(-1)!);
  }
  return { min, max };
}

function bins(
  files: MetricsFiles,
  { files: asked, key, axis, smoothing, start, end, nBins }: Question<"bins">,
): Float32Array {
  const out = new Float32Array(asked.length * nBins);
  asked.forEach(({ path }, i) => {
    const { x, y } = line(files, path, key, axis);
    out.set(binned({ x, y: smooth(y, smoothing) }, start, end, nBins), i * nBins);
  });
  return out;
}
