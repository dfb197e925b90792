import { openAnnotations, type AnnotationReader, type Episode, type StoredAnnotations } from "@pixelvla/data";
import type { SampleStoreOptions } from "./sample-store.ts";
import { fitAnnotation, type SampleAnnotation } from "./visual-prompts.ts";

/** Episodes whose annotations are held at a time. */
const MAX_EPISODES = 512;

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

  /** Undefined when the policy has no pixel parts. @throws PVLA_PIXELS_MISSING when it has and the dataset has no annotations */
  static async open(options: SampleStoreOptions): Promise<EpisodeAnnotationCache | undefined> {
    if (!options.shape.usesAnnotations) return undefined;
    return new EpisodeAnnotationCache(await openAnnotations(options.data.annotations ?? options.dataset), options);
  }

  /** The target object at a frame, or at the episode's first frame where the recipe says so. */
  async of(episode: Episode, frameIndex: number): Promise<SampleAnnotation | undefined> {
    const { data, shape } = this.#options;
    const frame = data.maskFrame === "first" ? 0 : frameIndex;
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
      if (this.#stored.size <= MAX_EPISODES) break;
      this.#stored.delete(oldest);
      for (const key of this.#fitted.keys()) if (key.startsWith(`${oldest}/`)) this.#fitted.delete(key);
    }
    return stored;
  }
}
