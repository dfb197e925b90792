import { openAnnotations, type AnnotationReader, type Episode, type StoredAnnotations } from "@pixelvla/data";
import type { SampleStoreOptions } from "./sample-store.ts";
import { fitAnnotation, type SampleAnnotation } from "./visual-prompts.ts";

/** How many episodes a pass over the dataset reads with one query. */
export const EPISODES_AT_ONCE = 64;

/** Annotations of a dataset, mapped to the policy's image, by episode and frame. */
export class EpisodeAnnotationCache {
  readonly #reader: AnnotationReader;
  readonly #options: SampleStoreOptions;
  readonly #stored = new Map<number, StoredAnnotations | undefined>();
  readonly #fitted = new Map<number, Map<number, SampleAnnotation | undefined>>();

  private constructor(reader: AnnotationReader, options: SampleStoreOptions) {
    this.#reader = reader;
    this.#options = options;
  }

  /**
   * Undefined when neither the policy nor an auxiliary loss reads annotations.
   * @throws PVLA_PIXELS_MISSING when one does and the dataset has none
   */
  static async open(options: SampleStoreOptions): Promise<EpisodeAnnotationCache | undefined> {
    const { usesAnnotations, usesTargets } = options.shape;
    if (!usesAnnotations && !usesTargets) return undefined;
    return new EpisodeAnnotationCache(await openAnnotations(options.data.annotations ?? options.dataset), options);
  }

  /** The target object as the policy is shown it: at the frame, or at the episode's first one where the recipe says so. */
  shown(episode: Episode, frameIndex: number): Promise<SampleAnnotation | undefined> {
    return this.at(episode, this.#options.data.maskFrame === "first" ? 0 : frameIndex);
  }

  /** The target object at that very frame. */
  async at(episode: Episode, frame: number): Promise<SampleAnnotation | undefined> {
    const { shape } = this.#options;
    const { episodeIndex, rawFrameIndex } = episode;
    const known = this.#fitted.get(episodeIndex);
    if (known?.has(frame) === true) return known.get(frame);
    const stored = await this.#episode(episodeIndex);
    const at = stored?.rawFrameIndex.indexOf(rawFrameIndex[frame]!) ?? -1;
    const fitted = at < 0 ? undefined : fitAnnotation(stored!.annotations[at], shape.image);
    this.#fitted.set(
      episodeIndex,
      (this.#fitted.get(episodeIndex) ?? new Map<number, typeof fitted>()).set(frame, fitted),
    );
    return fitted;
  }

  /** Reads several episodes at once, which is many times faster than one by one. */
  async read(episodeIndices: Iterable<number>): Promise<void> {
    const found = await this.#reader.episodes(episodeIndices);
    for (const episodeIndex of episodeIndices) this.#keep(episodeIndex, found.get(episodeIndex));
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  async #episode(episodeIndex: number): Promise<StoredAnnotations | undefined> {
    if (this.#stored.has(episodeIndex)) return this.#stored.get(episodeIndex);
    return this.#keep(episodeIndex, await this.#reader.episode(episodeIndex));
  }

  #keep(episodeIndex: number, stored: StoredAnnotations | undefined): StoredAnnotations | undefined {
    this.#stored.set(episodeIndex, stored);
    const limit = Math.max(this.#options.data.mixEpisodes + 1, EPISODES_AT_ONCE);
    for (const oldest of this.#stored.keys()) {
      if (this.#stored.size <= limit) break;
      this.#stored.delete(oldest);
      this.#fitted.delete(oldest);
    }
    return stored;
  }
}
