import { pixelVlaError } from "@pixelvla/core";
import type { RgbImage } from "@pixelvla/data";
import type { FrameSource } from "@pixelvla/segmenters";

/** Frames before the newest that stay readable; trackers look back a few. The first always stays. */
const KEPT = 32;

/**
 * The frames of an episode in progress as a video without end: a frame that has not come yet is waited for. Memory stays bounded.
 */
export class LiveFrames implements FrameSource {
  readonly nFrames = Number.MAX_SAFE_INTEGER;
  readonly #frames = new Map<number, RgbImage>();
  readonly #awaited = new Map<number, (frame: RgbImage) => void>();
  #count = 0;

  constructor(first: RgbImage) {
    this.push(first);
  }

  get last(): RgbImage {
    return this.#frames.get(this.#count - 1)!;
  }

  /** Adds the newest frame and returns its index. */
  push(frame: RgbImage): number {
    const index = this.#count++;
    this.#frames.set(index, frame);
    this.#awaited.get(index)?.(frame);
    this.#awaited.delete(index);
    const old = index - KEPT;
    if (old > 0) this.#frames.delete(old);
    return index;
  }

  read(frameIndex: number): Promise<RgbImage> {
    const frame = this.#frames.get(frameIndex);
    if (frame !== undefined) return Promise.resolve(frame);
    if (frameIndex >= this.#count) return new Promise((resolve) => this.#awaited.set(frameIndex, resolve));
    return Promise.reject(
      pixelVlaError("PVLA_FRAME", {
        doing: `Reading frame ${frameIndex} of a served episode`,
        found: `frames ${Math.max(0, this.#count - KEPT)} to ${this.#count - 1} and the first are kept`,
      }),
    );
  }
}
