/** What the store needs of a decoded picture. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  close(): void;
}

export interface PictureStoreOptions<P extends Picture> {
  readonly nFrames: number;
  /** Fetches and decodes one frame; must stop on the signal. */
  readonly fetch: (frameIndex: number, signal: AbortSignal) => Promise<P>;
  /** Decoded bytes kept; the frame asked for last is always kept. */
  readonly budgetBytes: number;
  /** Requests in flight for frames nobody waits for yet. */
  readonly maxPrefetch?: number;
}

/**
 * Decoded pictures of one episode and camera, within a memory budget. What was used longest ago is closed first, so that an hour of
 * browsing holds no more than a minute of it.
 */
export class PictureStore<P extends Picture> {
  readonly #options: PictureStoreOptions<P>;
  readonly #kept = new Map<number, P>();
  readonly #inFlight = new Map<number, Promise<P>>();
  readonly #abort = new AbortController();
  #queue: number[] = [];
  #nPrefetching = 0;
  #bytes = 0;

  constructor(options: PictureStoreOptions<P>) {
    this.#options = options;
  }

  /** Bytes of decoded pictures held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The picture if it is here; marks it as used. */
  get(frameIndex: number): P | undefined {
    const picture = this.#kept.get(frameIndex);
    if (picture === undefined) return undefined;
    this.#kept.delete(frameIndex);
    this.#kept.set(frameIndex, picture);
    return picture;
  }

  /** The picture, fetched if needed; several callers share one fetch. Rejects when the fetch fails or the store is closed. */
  load(frameIndex: number): Promise<P> {
    const here = this.get(frameIndex);
    if (here !== undefined) return Promise.resolve(here);
    const running = this.#inFlight.get(frameIndex);
    if (running !== undefined) return running;
    const promise = this.#options.fetch(frameIndex, this.#abort.signal).then(
      (picture) => {
        this.#inFlight.delete(frameIndex);
        if (this.#abort.signal.aborted) {
          picture.close();
          throw new DOMException("the episode was left", "AbortError");
        }
        this.#keep(frameIndex, picture);
        return picture;
      },
      (error: unknown) => {
        this.#inFlight.delete(frameIndex);
        throw error;
      },
    );
    this.#inFlight.set(frameIndex, promise);
    return promise;
  }

  /** Fetches, in the given order and a few at a time, what is not here yet; replaces what was asked for before. */
  prefetch(frameIndices: readonly number[]): void {
    this.#queue = frameIndices.filter((frame) => frame >= 0 && frame < this.#options.nFrames);
    this.#pump();
  }

  /** Stops every fetch and frees every picture. */
  close(): void {
    this.#abort.abort();
    this.#queue = [];
    for (const picture of this.#kept.values()) picture.close();
    this.#kept.clear();
    this.#bytes = 0;
  }

  #keep(frameIndex: number, picture: P): void {
    this.#kept.set(frameIndex, picture);
    this.#bytes += bytesOf(picture);
    for (const [oldest, old] of this.#kept) {
      if (this.#bytes <= this.#options.budgetBytes || oldest === frameIndex) break;
      this.#kept.delete(oldest);
      this.#bytes -= bytesOf(old);
      old.close();
    }
  }

  #pump(): void {
    while (this.#nPrefetching < (this.#options.maxPrefetch ?? 4) && !this.#abort.signal.aborted) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      if (this.#kept.has(next) || this.#inFlight.has(next)) continue;
      this.#nPrefetching++;
      const done = () => {
        this.#nPrefetching--;
        this.#pump();
      };
      this.load(next).then(done, done);
    }
  }
}

const bytesOf = ({ width, height }: Picture) => width * height * 4;

/** Frames worth having when `frameIndex` is shown, nearest first: twice as many ahead as behind. */
export function neighbours(frameIndex: number, nFrames: number, nAhead = 24): number[] {
  const wanted = [];
  for (let distance = 1; distance <= nAhead; distance++) {
    if (frameIndex + distance < nFrames) wanted.push(frameIndex + distance);
    if (distance <= nAhead / 2 && frameIndex - distance >= 0) wanted.push(frameIndex - distance);
  }
  return wanted;
}
