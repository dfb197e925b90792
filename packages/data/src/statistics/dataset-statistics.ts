import type { Dataset } from "../episode.ts";
import { ColumnSpool } from "./column-spool.ts";
import { quantile } from "./quantile.ts";

/** Statistics of one vector column, one value a dimension. Standard deviation is that of the population. */
export interface ColumnStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly max: readonly number[];
  readonly min: readonly number[];
  readonly q01: readonly number[];
  readonly q99: readonly number[];
  /** True where a dimension is normalised; the gripper is not. */
  readonly mask: readonly boolean[];
}

/** OpenVLA's `dataset_statistics.json` entry of one dataset. */
export interface DatasetStatistics {
  readonly action: ColumnStatistics;
  readonly proprio: ColumnStatistics;
  readonly num_transitions: number;
  readonly num_trajectories: number;
}

/** How to compute statistics. */
export interface StatisticsOptions {
  readonly signal?: AbortSignal;
  /** Called after every episode. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Values kept in memory for each of the two columns before they go to temporary files. Default 32 Mi. */
  readonly memoryBudgetValues?: number;
}

/**
 * Statistics of standardised actions and state over every frame of the dataset's chosen splits; exact, in bounded memory.
 * In `"skip"` mode damaged episodes are left out (and listed in `dataset.damage`).
 *
 * @throws what `dataset.tryEpisode` throws
 */
export async function computeStatistics(dataset: Dataset, options: StatisticsOptions = {}): Promise<DatasetStatistics> {
  const action = new ColumnSpool(dataset.info.actionNames.length, options.memoryBudgetValues);
  let proprio: ColumnSpool | undefined;
  let nEpisodes = 0;
  let done = 0;
  try {
    for (const episodeIndex of dataset.episodeIndices) {
      options.signal?.throwIfAborted();
      const episode = await dataset.tryEpisode(episodeIndex);
      options.onProgress?.(++done, dataset.episodeIndices.length);
      if (!episode || episode.nFrames === 0) continue;
      nEpisodes++;
      proprio ??= new ColumnSpool(episode.state.length / episode.nFrames, options.memoryBudgetValues);
      await action.push(episode.action);
      await proprio.push(episode.state);
    }
    const isGripper = (d: number) => dataset.info.actionNames[d] === "gripper";
    return {
      action: await columnStatistics(action, (d) => !isGripper(d)),
      proprio: proprio?.width ? await columnStatistics(proprio, () => true) : zeros(action.width),
      num_transitions: action.nRows,
      num_trajectories: nEpisodes,
    };
  } finally {
    await action.close();
    await proprio?.close();
  }
}

async function columnStatistics(
  spool: ColumnSpool,
  normalised: (dimension: number) => boolean,
): Promise<ColumnStatistics> {
  const out = { mean: [], std: [], max: [], min: [], q01: [], q99: [] } as Record<
    "mean" | "std" | "max" | "min" | "q01" | "q99",
    number[]
  >;
  const mask: boolean[] = [];
  for (let d = 0; d < spool.width; d++) {
    const values = await spool.column(d);
    let sum = 0;
    let max = -Infinity;
    let min = Infinity;
    for (const value of values) {
      sum += value;
      if (value > max) max = value;
      if (value < min) min = value;
    }
    const mean = sum / values.length;
    let squares = 0;
    for (const value of values) squares += (value - mean) ** 2;
    out.mean.push(mean);
    out.std.push(Math.sqrt(squares / values.length));
    out.max.push(max);
    out.min.push(min);
    out.q01.push(quantile(values, 0.01));
    out.q99.push(quantile(values, 0.99));
    mask.push(normalised(d));
  }
  return { ...out, mask };
}

/** What OpenVLA stores where proprioception is not loaded. */
function zeros(width: number): ColumnStatistics {
  const zero = new Array<number>(width).fill(0);
  return { mean: zero, std: zero, max: zero, min: zero, q01: zero, q99: zero, mask: zero.map(() => true) };
}
