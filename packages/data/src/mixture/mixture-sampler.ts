import { z } from "zod";
import { pixelVlaError } from "@pixelvla/core";
import type { Dataset, Episode } from "../episode.ts";
import { EpisodeStream } from "./episode-stream.ts";
import { uniform } from "./permutation.ts";

/** One dataset of a mixture. */
export interface MixtureSource {
  readonly dataset: Dataset;
  /** Relative weight, by default multiplied by the number of frames (OpenVLA's `bridge_rt_1`: 1 and 1). */
  readonly weight: number;
  /** Frames, where the caller knows them (statistics); otherwise the dataset is asked, RLDS ones by reading their index. */
  readonly nFrames?: number;
}

/** How to mix. */
export interface MixtureOptions {
  readonly seed: number;
  /** `"frames"` (default): every frame of equally weighted datasets is as likely; `"datasets"`: every dataset is. */
  readonly weightBy?: "frames" | "datasets";
  /** Episodes of a dataset that are shuffled together; two such windows are in memory. Default 32. */
  readonly windowEpisodes?: number;
  /** Leave out episodes without an instruction, as OpenVLA does. Default true. */
  readonly requireTask?: boolean;
  /** Go on exactly here; from `state()` of a sampler with the same seed, window size and datasets. */
  readonly state?: MixtureState;
}

export const mixtureStateSchema = z.strictObject({
  version: z.literal(1),
  seed: z.int(),
  windowEpisodes: z.int().positive(),
  drawn: z.int().nonnegative(),
  datasets: z.array(
    z.strictObject({
      name: z.string(),
      nEpisodes: z.int().nonnegative(),
      epoch: z.int().nonnegative(),
      window: z.int().nonnegative(),
      cursor: z.int().nonnegative(),
    }),
  ),
});

/** Where a mixture stands: small JSON that goes into a checkpoint. */
export type MixtureState = z.output<typeof mixtureStateSchema>;

/** One drawn frame. */
export interface MixtureSample {
  /** Position in the list of sources. */
  readonly datasetIndex: number;
  readonly episode: Episode;
  readonly frameIndex: number;
  /** Epoch of that dataset. */
  readonly epoch: number;
}

/** An endless weighted stream of frames. */
export interface MixtureSampler {
  /** Chance of each source. */
  readonly probabilities: readonly number[];
  next(): Promise<MixtureSample>;
  /** State after the last drawn frame. */
  state(): MixtureState;
}

/**
 * Mixes datasets. Which dataset comes next and the order within each follow from the seed alone: a sampler made with the
 * state of another draws exactly what that one would have drawn.
 *
 * @throws PVLA_DATA_MIXTURE for weights that are no positive numbers or a state of another mixture
 */
export async function createMixture(
  sources: readonly MixtureSource[],
  options: MixtureOptions,
): Promise<MixtureSampler> {
  const { seed, weightBy = "frames", windowEpisodes = 32, requireTask = true, state } = options;
  if (sources.length === 0 || sources.some(({ weight }) => !(weight >= 0 && Number.isFinite(weight))))
    throw badMixture(
      `weights ${sources.map(({ weight }) => weight).join(", ") || "of no dataset"}`,
      "finite weights, 0 or more",
    );
  if (state) requireSame(state, sources, seed, windowEpisodes);
  const sizes = weightBy === "frames" ? await Promise.all(sources.map(countFrames)) : sources.map(() => 1);
  const mass = sources.map(({ weight }, i) => weight * sizes[i]!);
  const total = mass.reduce((a, b) => a + b, 0);
  if (total <= 0) throw badMixture("a total weight of 0", "one dataset with weight and frames");
  const probabilities = mass.map((value) => value / total);
  const streams = sources.map(({ dataset }, i) => {
    const at = state?.datasets[i];
    const position = at && { epoch: at.epoch, window: at.window, cursor: at.cursor };
    return new EpisodeStream(dataset, { seed: seed + i, windowEpisodes, requireTask, ...(position && { position }) });
  });
  let drawn = state?.drawn ?? 0;
  return {
    probabilities,
    async next() {
      const datasetIndex = pick(probabilities, uniform(seed, drawn, 11));
      const stream = streams[datasetIndex]!;
      const { epoch } = stream.position;
      const sample = await stream.next();
      drawn++;
      return { datasetIndex, ...sample, epoch };
    },
    state: () => ({
      version: 1,
      seed,
      windowEpisodes,
      drawn,
      datasets: sources.map(({ dataset }, i) => ({
        name: dataset.info.name,
        nEpisodes: dataset.episodeIndices.length,
        ...streams[i]!.position,
      })),
    }),
  };
}

function pick(probabilities: readonly number[], value: number): number {
  let sum = 0;
  for (let i = 0; i < probabilities.length; i++) {
    sum += probabilities[i]!;
    if (value < sum) return i;
  }
  return probabilities.findLastIndex((probability) => probability > 0);
}

async function countFrames({ dataset, nFrames }: MixtureSource): Promise<number> {
  const known = nFrames ?? dataset.info.nFrames;
  if (known !== undefined) return known;
  let sum = 0;
  for await (const summary of dataset.summaries()) sum += summary.nFrames;
  return sum;
}

function requireSame(
  state: MixtureState,
  sources: readonly MixtureSource[],
  seed: number,
  windowEpisodes: number,
): void {
  const describe = (names: readonly { name: string; nEpisodes: number }[], s: number, w: number) =>
    `seed ${s}, windows of ${w}, ${names.map(({ name, nEpisodes }) => `${name} (${nEpisodes} episodes)`).join(", ")}`;
  const ours = sources.map(({ dataset }) => ({ name: dataset.info.name, nEpisodes: dataset.episodeIndices.length }));
  const [found, needed] = [
    describe(state.datasets, state.seed, state.windowEpisodes),
    describe(ours, seed, windowEpisodes),
  ];
  if (found !== needed) throw badMixture(`a saved state of ${found}`, `one of ${needed}`);
}

const badMixture = (found: string, needed: string) =>
  pixelVlaError("PVLA_DATA_MIXTURE", {
    doing: "Mixing datasets",
    found,
    needed,
    fix: "Check the recipe's data section",
  });
