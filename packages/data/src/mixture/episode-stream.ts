import { pixelVlaError } from "@pixelvla/core";
import type { Dataset, Episode } from "../episode.ts";
import { permutation } from "./permutation.ts";

/** Where a stream stands: it is all that is needed to go on exactly there. */
export interface StreamPosition {
  readonly epoch: number;
  readonly window: number;
  readonly cursor: number;
}

/** Episodes loaded together, their frames shuffled among them. */
interface Window {
  readonly episodes: readonly Episode[];
  /** First frame number of each episode within the window, and the sum at the end. */
  readonly starts: readonly number[];
}

const LOADS_AT_ONCE = 4;

/**
 * All frames of one dataset in random order, each once an epoch. Episodes are permuted; a window of them is held in memory
 * and their frames are permuted together, while the next window loads. Memory is that of two windows.
 */
export class EpisodeStream {
  readonly #dataset: Dataset;
  readonly #seed: number;
  readonly #windowEpisodes: number;
  readonly #requireTask: boolean;
  #position: StreamPosition;
  #loaded: { epoch: number; window: number; content: Promise<Window> }[] = [];

  constructor(
    dataset: Dataset,
    options: { seed: number; windowEpisodes: number; requireTask: boolean; position?: StreamPosition },
  ) {
    this.#dataset = dataset;
    this.#seed = options.seed;
    this.#windowEpisodes = options.windowEpisodes;
    this.#requireTask = options.requireTask;
    this.#position = options.position ?? { epoch: 0, window: 0, cursor: 0 };
  }

  get position(): StreamPosition {
    return this.#position;
  }

  /** The next frame. @throws PVLA_DATA_EMPTY when a whole epoch has none */
  async next(): Promise<{ episode: Episode; frameIndex: number }> {
    for (let emptyWindows = 0; emptyWindows <= this.#nWindows; emptyWindows++) {
      const { epoch, window, cursor } = this.#position;
      const { episodes, starts } = await this.#window(epoch, window);
      const total = starts.at(-1)!;
      if (cursor < total) {
        const frame = permutation(total, this.#seed, epoch, window, 7)(cursor);
        const which = starts.findLastIndex((start) => start <= frame); // the last: empty episodes share their start with the next
        this.#position = cursor + 1 < total ? { epoch, window, cursor: cursor + 1 } : this.#after(epoch, window);
        return { episode: episodes[which]!, frameIndex: frame - starts[which]! };
      }
      this.#position = this.#after(epoch, window);
    }
    throw pixelVlaError("PVLA_DATA_EMPTY", {
      doing: `Sampling from ${this.#dataset.info.name}`,
      found: "no usable frame in any episode",
      fix: 'Run "pixelvla data check" on it',
    });
  }

  get #nWindows(): number {
    return Math.ceil(this.#dataset.episodeIndices.length / this.#windowEpisodes);
  }

  #after(epoch: number, window: number): StreamPosition {
    return window + 1 < this.#nWindows
      ? { epoch, window: window + 1, cursor: 0 }
      : { epoch: epoch + 1, window: 0, cursor: 0 };
  }

  /** Content of a window; the one after it begins to load. */
  #window(epoch: number, window: number): Promise<Window> {
    const content = this.#ensure(epoch, window);
    const next = this.#after(epoch, window);
    this.#ensure(next.epoch, next.window).catch(() => undefined); // reported when its turn comes
    this.#loaded = this.#loaded.slice(-2);
    return content;
  }

  #ensure(epoch: number, window: number): Promise<Window> {
    let entry = this.#loaded.find((known) => known.epoch === epoch && known.window === window);
    if (!entry) {
      entry = { epoch, window, content: this.#load(epoch, window) };
      this.#loaded.push(entry);
    }
    return entry.content;
  }

  async #load(epoch: number, window: number): Promise<Window> {
    const { episodeIndices } = this.#dataset;
    const permute = permutation(episodeIndices.length, this.#seed, epoch, 3);
    const first = window * this.#windowEpisodes;
    const count = Math.min(this.#windowEpisodes, episodeIndices.length - first);
    const slots = new Array<Episode | undefined>(Math.max(0, count)).fill(undefined);
    let next = 0;
    const load = async () => {
      while (next < slots.length) {
        const slot = next++;
        slots[slot] = await this.#dataset.tryEpisode(episodeIndices[permute(first + slot)]!);
      }
    };
    await Promise.all(Array.from({ length: LOADS_AT_ONCE }, load));
    const episodes = slots
      .filter((episode) => episode !== undefined)
      .filter(({ task }) => task !== "" || !this.#requireTask);
    const starts = [0];
    for (const { nFrames } of episodes) starts.push(starts.at(-1)! + nFrames);
    return { episodes, starts };
  }
}
