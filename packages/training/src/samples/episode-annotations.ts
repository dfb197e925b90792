import { openAnnotations, type AnnotationReader, type Episode, type StoredAnnotations } from "@pixelvla/data";
import type { SampleStoreOptions } from "./sample-store.ts";
import { fitAnnotation, type SampleAnnotation } from "./visual-prompts.ts";

/** Annotations of a dataset, mapped to the policy's image, by episode and frame. */
export class EpisodeAnnotationCache {
  readonly #reader: AnnotationReader;
  readonly #options: SampleStoreOptions;
  readonly #stored = new Map<number, StoredAnnotations | undefined>();
  readonly #fitted = new Map<string, SampleAnnotation | undefined>();

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
    const key = `${episode.episodeIndex}/${frame}`;
    if (this.#fitted.has(key)) return this.#fitted.get(key);
    const stored = await this.#episode(episode.episodeIndex);
    const at = stored?.rawFrameIndex.indexOf(episode.rawFrameIndex[frame]!) ?? -1;
    const fitted = at < 0 ? undefined : fitAnnotation(stored!.annotations[at], shape.image);
    this.#fitted.set(key, fitted);
    return fitted;
  }

  close(): Promise<void> {
    return this.#reader.close();
  }

  async #episode(episodeIndex: number): Promise<StoredAnnotations | undefined> {
    if (this.#stored.has(episodeIndex)) return this.#stored.get(episodeIndex);
    const stored = await this.#reader.episode(episodeIndex);
    this.#stored.set(episodeIndex, stored);
    for (const oldest of this.#stored.keys()) {
      if (this.#stored.size <= this.#options.data.mixEpisodes + 1) break;
      this.#stored.delete(oldest);
      for (const key of this.#fitted.keys()) if (key.startsWith(`${oldest}/`)) this.#fitted.delete(key);
    }
    return stored;
  }
}
