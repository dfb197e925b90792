import type { ImageFeatures, ObjectDetector, Segmenter, Tracker, TrackSession } from "@pixelvla/segmenters";

/** What the models of a job did and how long. */
export interface ModelTimes {
  /** Wall time in ms during which at least one model was at work. */
  readonly busyMs: number;
  /** Calls and summed ms by role and method, such as `segmenter.encode`. */
  readonly calls: Readonly<Record<string, { readonly n: number; readonly ms: number }>>;
}

/** Measures model calls by wrapping models: the share of a job's time outside them is what the pipeline itself costs. */
export class ModelClock {
  readonly #calls: Record<string, { n: number; ms: number }> = {};
  #inFlight = 0;
  #sinceMs = 0;
  #busyMs = 0;

  get times(): ModelTimes {
    const running = this.#inFlight > 0 ? performance.now() - this.#sinceMs : 0;
    return { busyMs: this.#busyMs + running, calls: this.#calls };
  }

  async time<T>(name: string, call: () => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    if (this.#inFlight++ === 0) this.#sinceMs = startedMs;
    try {
      return await call();
    } finally {
      const endedMs = performance.now();
      if (--this.#inFlight === 0) this.#busyMs += endedMs - this.#sinceMs;
      const entry = (this.#calls[name] ??= { n: 0, ms: 0 });
      entry.n++;
      entry.ms += endedMs - startedMs;
    }
  }

  segmenter<F extends ImageFeatures>(role: string, inner: Segmenter<F>): Segmenter<F> {
    return {
      model: inner.model,
      modelVersion: inner.modelVersion,
      encode: (...given) => this.time(`${role}.encode`, () => inner.encode(...given)),
      segment: (...given) => this.time(`${role}.segment`, () => inner.segment(...given)),
      dispose: () => inner.dispose(),
    };
  }

  detector(role: string, inner: ObjectDetector): ObjectDetector {
    return {
      model: inner.model,
      modelVersion: inner.modelVersion,
      openVocabulary: inner.openVocabulary,
      ...(inner.labels !== undefined && { labels: inner.labels }),
      detect: (...given) => this.time(`${role}.detect`, () => inner.detect(...given)),
      dispose: () => inner.dispose(),
    };
  }

  tracker(role: string, inner: Tracker): Tracker {
    return {
      model: inner.model,
      modelVersion: inner.modelVersion,
      dispose: () => inner.dispose(),
      start: async (frames) => this.#session(role, await this.time(`${role}.start`, () => inner.start(frames))),
    };
  }

  #session(role: string, inner: TrackSession): TrackSession {
    const clock = this; // eslint-disable-line @typescript-eslint/no-this-alias -- the generator below has no `this` of ours
    return {
      prompt: (...given) => this.time(`${role}.prompt`, () => inner.prompt(...given)),
      async *propagate(options) {
        const frames = inner.propagate(options)[Symbol.asyncIterator]();
        try {
          for (;;) {
            const next = await clock.time(`${role}.propagate`, () => frames.next());
            if (next.done === true) return;
            yield next.value;
          }
        } finally {
          await frames.return?.();
        }
      },
      dispose: () => inner.dispose(),
    };
  }
}
