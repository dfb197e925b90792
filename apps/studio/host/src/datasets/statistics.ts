import type { DatasetStatistics, DimensionStatistics, Outlier, StatisticsEvent } from "@pixelvla/studio-contract";
import { countFacets } from "./facets.ts";
import { histogram, quantile } from "./histogram.ts";
import { EpisodeMotion, motionOutliers } from "./motion.ts";
import { named } from "./names.ts";
import type { OpenedDataset } from "./open-dataset.ts";

/** Episodes whose actions are read at most; a larger dataset is sampled evenly, and the page says so. */
const MAX_EPISODES_READ = 2000;
const PROGRESS_EVERY_MS = 250;
const MAX_OUTLIERS = 200;

/** Reads the actions and states of a dataset's episodes and describes them. Yields progress four times a second, then the result. */
export async function* datasetStatistics(dataset: OpenedDataset, signal: AbortSignal): AsyncGenerator<StatisticsEvent> {
  const { table, reader } = dataset;
  const rows = evenly(table.nRows, MAX_EPISODES_READ);
  const motions: EpisodeMotion[] = [];
  const actions = new Columns();
  const states = new Columns();
  const begun = performance.now();
  let told = begun;
  for (const [done, row] of rows.entries()) {
    signal.throwIfAborted();
    const episodeIndex = table.episodeAt(row)!;
    const episode = await reader.episode(episodeIndex).catch(() => undefined); // damage is on the dataset's own list
    if (episode !== undefined && episode.nFrames > 0) {
      actions.add(episode.action, episode.nFrames);
      states.add(episode.state, episode.nFrames);
      motions.push(new EpisodeMotion(episodeIndex, episode.task, episode.action, episode.nFrames));
    }
    const now = performance.now();
    if (now - told < PROGRESS_EVERY_MS) continue;
    told = now;
    const ratePerS = ((done + 1) / (now - begun)) * 1000;
    yield { kind: "progress", done: done + 1, total: rows.length, ratePerS, etaS: (rows.length - done - 1) / ratePerS };
    await new Promise((resolve) => setImmediate(resolve)); // others are waiting for answers
  }

  const all = countFacets(table, { search: "", tasks: [], splits: [], annotation: [] }, table.nRows);
  const lengths = Int32Array.from({ length: table.nRows }, (_, row) => table.nFramesAt(row)).sort();
  const statistics: DatasetStatistics = {
    nEpisodesRead: motions.length,
    nEpisodes: table.nRows,
    nFramesRead: actions.nRows,
    lengths: all.lengths,
    lengthQuantiles: {
      min: lengths[0] ?? 0,
      q25: quantile(lengths, 0.25) || 0,
      median: quantile(lengths, 0.5) || 0,
      q75: quantile(lengths, 0.75) || 0,
      max: lengths.at(-1) ?? 0,
    },
    nTasks: all.nTasks,
    tasks: all.tasks,
    actions: actions.describe(named(reader.info.actionNames, actions.width, "action")),
    states: states.describe(named(reader.info.stateNames, states.width, "state")),
    outliers: [...lengthOutliers(dataset, lengths), ...motionOutliers(motions), ...unlabelled(dataset)].slice(
      0,
      MAX_OUTLIERS,
    ),
  };
  yield { kind: "result", statistics };
}

/** At most `limit` of 0..n-1, evenly spread, first included. */
function evenly(n: number, limit: number): number[] {
  if (n <= limit) return Array.from({ length: n }, (_, i) => i);
  return Array.from({ length: limit }, (_, i) => Math.floor((i * n) / limit));
}

/** Rows of equal width gathered column by column. */
class Columns {
  width = 0;
  nRows = 0;
  readonly #chunks: { values: Float32Array; nRows: number }[] = [];

  add(values: Float32Array, nRows: number): void {
    this.width = Math.max(this.width, values.length / nRows);
    this.nRows += nRows;
    this.#chunks.push({ values, nRows });
  }

  describe(names: readonly string[]): DimensionStatistics[] {
    return names.map((name, index) => {
      const column = new Float32Array(this.nRows);
      let at = 0;
      for (const { values, nRows } of this.#chunks) {
        const width = values.length / nRows;
        for (let row = 0; row < nRows && index < width; row++) column[at++] = values[row * width + index]!;
      }
      const sorted = column.subarray(0, at).filter(Number.isFinite).sort();
      let sum = 0;
      let sumOfSquares = 0;
      for (const value of sorted) sum += value;
      const mean = sum / sorted.length;
      for (const value of sorted) sumOfSquares += (value - mean) ** 2;
      return {
        name,
        min: sorted[0] ?? 0,
        max: sorted.at(-1) ?? 0,
        mean: mean || 0,
        std: Math.sqrt(sumOfSquares / sorted.length) || 0,
        q01: quantile(sorted, 0.01) || 0,
        q99: quantile(sorted, 0.99) || 0,
        histogram: histogram(sorted, 60),
      };
    });
  }
}

/** Episodes whose length lies far outside the middle half (three interquartile ranges). */
function lengthOutliers({ table }: OpenedDataset, sorted: Int32Array): Outlier[] {
  const [q25, median, q75] = [0.25, 0.5, 0.75].map((q) => quantile(sorted, q)) as [number, number, number];
  const reach = 3 * Math.max(1, q75 - q25);
  const found: Outlier[] = [];
  for (let row = 0; row < table.nRows; row++) {
    const nFrames = table.nFramesAt(row);
    if (nFrames >= q25 - reach && nFrames <= q75 + reach) continue;
    const { episodeIndex, task } = table.row(row);
    const kind = nFrames < median ? "short" : "long";
    const score = Math.abs(nFrames - median) / Math.max(1, q75 - q25);
    found.push({ episodeIndex, task, kind, score, reason: `${nFrames} frames, the median is ${Math.round(median)}` });
  }
  return found.sort((a, b) => b.score - a.score).slice(0, 50);
}

function unlabelled({ table }: OpenedDataset): Outlier[] {
  const found: Outlier[] = [];
  for (let row = 0; row < table.nRows && found.length < 50; row++) {
    const { episodeIndex, task } = table.row(row);
    if (task.trim() === "") found.push({ episodeIndex, task, kind: "unlabelled", score: 1, reason: "no instruction" });
  }
  return found;
}
