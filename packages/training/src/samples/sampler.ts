import { Random } from "@pixelvla/core";

/** One frame to train on. */
export interface SampleRef {
  /** Position in the list of episodes. */
  readonly episode: number;
  readonly frameIndex: number;
}

export interface SamplerOptions {
  readonly seed: number;
  /** Episodes whose frames are shuffled together; bounds how many must be at hand. */
  readonly mixEpisodes: number;
  /** How often an epoch visits each episode's first frame; default 1. */
  readonly firstFrameVisits?: number;
}

interface Epoch {
  readonly index: number;
  /** Shuffled episode positions. */
  readonly order: readonly number[];
  /** First sample of each block, and the end. */
  readonly starts: readonly number[];
}

/**
 * The order in which frames are visited, as a pure function of the visit number: every epoch visits each frame once
 * (first frames as often as asked), episodes shuffled, and frames shuffled within blocks of episodes. Nothing needs saving to resume.
 */
export class Sampler {
  /** Visits of one epoch. */
  readonly nSamples: number;
  readonly #visits: readonly number[];
  readonly #options: Required<SamplerOptions>;
  #epoch: Epoch | undefined;
  #block: { readonly epoch: number; readonly block: number; readonly samples: readonly SampleRef[] } | undefined;

  /** @param frames frames of each episode */
  constructor(frames: readonly number[], options: SamplerOptions) {
    const { firstFrameVisits = 1 } = options;
    this.#options = { ...options, firstFrameVisits };
    this.#visits = frames.map((n) => (n === 0 ? 0 : n - 1 + firstFrameVisits));
    this.nSamples = this.#visits.reduce((sum, n) => sum + n, 0);
  }

  /** The sample of visit `visit` (0, 1, 2, …). */
  at(visit: number): SampleRef {
    const epoch = this.#epochAt(Math.floor(visit / this.nSamples));
    const position = visit % this.nSamples;
    let block = 0;
    while (epoch.starts[block + 1]! <= position) block++;
    return this.#blockSamples(epoch, block)[position - epoch.starts[block]!]!;
  }

  #epochAt(index: number): Epoch {
    if (this.#epoch?.index === index) return this.#epoch;
    const { seed, mixEpisodes } = this.#options;
    const order = new Random(`${seed}:episodes:${index}`).shuffled(this.#visits.map((_, episode) => episode));
    const starts = [0];
    for (let first = 0; first < order.length; first += mixEpisodes) {
      const inBlock = order.slice(first, first + mixEpisodes).reduce((sum, episode) => sum + this.#visits[episode]!, 0);
      starts.push(starts.at(-1)! + inBlock);
    }
    return (this.#epoch = { index, order, starts });
  }

  #blockSamples(epoch: Epoch, block: number): readonly SampleRef[] {
    if (this.#block?.epoch === epoch.index && this.#block.block === block) return this.#block.samples;
    const { seed, mixEpisodes, firstFrameVisits } = this.#options;
    const episodes = epoch.order.slice(block * mixEpisodes, (block + 1) * mixEpisodes);
    const inOrder = episodes.flatMap((episode) =>
      Array.from({ length: this.#visits[episode]! }, (_, k): SampleRef => ({
        episode,
        frameIndex: Math.max(0, k - firstFrameVisits + 1),
      })),
    );
    const samples = new Random(`${seed}:frames:${epoch.index}:${block}`).shuffled(inOrder);
    this.#block = { epoch: epoch.index, block, samples };
    return samples;
  }
}
