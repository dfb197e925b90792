import { cropped, presentPoints, smooth, smoothedBins, thinned } from "./curve.ts";
import type { MetricsFiles } from "./metrics-files.ts";
import type { CurveAnswer, MetricsMethods } from "./metrics-messages.ts";

const axisKey = (axis: "step" | "time") => (axis === "step" ? "step" : "timeS");

/** Answers questions from the files. */
export function metricsMethods(files: MetricsFiles): MetricsMethods {
  return {
    /** Smoothing runs over every point; only then is the line cut to the range and thinned. */
    curves: ({ files: asked, keys, axis, smoothing, maxPoints, range }) =>
      asked.flatMap(({ runId, path }) => {
        const columns = files.read(path, [axisKey(axis), ...keys]);
        return keys.map((key): CurveAnswer => {
          const line = presentPoints(columns.column(axisKey(axis)), columns.column(key));
          const raw = thinned(cropped(line, range), maxPoints);
          const smoothed = thinned(cropped({ x: line.x, y: smooth(line.y, smoothing) }, range), maxPoints);
          const [rawX, rawY, smoothX, smoothY] = [raw.x, raw.y, smoothed.x, smoothed.y];
          return { runId, key, nPoints: line.x.length, rawX, rawY, smoothX, smoothY };
        });
      }),
    extents: ({ files: asked, keys, axis }) => {
      const extents = keys.map(() => ({ start: Infinity, end: -Infinity }));
      for (const { path } of asked)
        files.spans(path, axisKey(axis), keys).forEach((span, i) => {
          if (span === null) return;
          const all = extents[i]!;
          all.start = Math.min(all.start, span[0]);
          all.end = Math.max(all.end, span[1]);
        });
      return extents;
    },
    bins: ({ files: asked, keys, axis, smoothing, extents, nBins }) => {
      const out = new Float32Array(keys.length * asked.length * nBins);
      asked.forEach(({ path }, file) => {
        const [x, ...columns] = files.glance(path, [axisKey(axis), ...keys]);
        columns.forEach((y, key) => {
          const at = (key * asked.length + file) * nBins;
          smoothedBins({ x: x!, y }, smoothing, extents[key]!, out.subarray(at, at + nBins));
        });
      });
      return out;
    },
  };
}
