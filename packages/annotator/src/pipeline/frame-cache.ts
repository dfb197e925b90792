import type { Episode, RgbImage } from "@pixelvla/data";
import type { FrameSource, ImageFeatures, Segmenter } from "@pixelvla/segmenters";

/** Pictures of an episode that are kept decoded. */
const KEPT_IMAGES = 8;

/**
 * Frames of one camera of one episode, each decoded once while it is near, and each segmenter's encoder features once per
 * frame for as many frames as `featureFrames` allows.
 */
export class EpisodeFrames implements FrameSource {
  readonly nFrames: number;
  readonly #episode: Pick<Episode, "nFrames" | "image">;
  readonly #camera: string;
  readonly #featureFrames: number;
  readonly #images = new Map<number, Promise<RgbImage>>();
  readonly #features = new Map<Segmenter, Map<number, Promise<ImageFeatures>>>();

  constructor(episode: Pick<Episode, "nFrames" | "image">, camera: string, featureFrames: number) {
    this.#episode = episode;
    this.nFrames = episode.nFrames;
    this.#camera = camera;
    this.#featureFrames = featureFrames;
  }

  read(frameIndex: number): Promise<RgbImage> {
    return remembered(this.#images, frameIndex, KEPT_IMAGES, () => this.#episode.image(this.#camera, frameIndex));
  }

  /** Encoder features of a frame. */
  features(segmenter: Segmenter, frameIndex: number, signal?: AbortSignal): Promise<ImageFeatures> {
    const ofSegmenter = this.#features.get(segmenter) ?? new Map<number, Promise<ImageFeatures>>();
    this.#features.set(segmenter, ofSegmenter);
    return remembered(ofSegmenter, frameIndex, this.#featureFrames, async () =>
      segmenter.encode(await this.read(frameIndex), signal === undefined ? {} : { signal }),
    );
  }
}

/** The value kept under `key`, made if it is not there; the one unused for longest goes when there are too many. */
function remembered<V>(
  map: Map<number, Promise<V>>,
  key: number,
  capacity: number,
  make: () => Promise<V>,
): Promise<V> {
  const value = map.get(key) ?? make();
  map.delete(key);
  map.set(key, value);
  value.catch(() => map.delete(key));
  if (map.size > capacity) map.delete(map.keys().next().value!);
  return value;
}
