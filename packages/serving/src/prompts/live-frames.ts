import { pixelVlaError } from "@pixelvla/core";
import type { RgbImage } from "@pixelvla/data";
import type { FrameSource } from "@pixelvla/segmenters";

/** Frames before the newest that stay readable; trackers look back a few. The first always stays. */
const KEPT = 32;

/** The frames of an episode in progress as a video that grows; memory stays bounded. */
export class LiveFrames implements FrameSource {
  readonly #frames = new Map<number, RgbImage>();
  #nFrames = 0;

  constructor(first: RgbImage) {
    this.push(first);
  }

  get nFrames(): number {
    return this.#nFrames;
  }

  get last(): RgbImage {
    return this.#frames.get(this.#nFrames - 1)!;
  }

  /** Adds the newest frame and returns its index. */
  push(frame: RgbImage): number {
    const index = this.#nFrames++;
    this.#frames.set(index, frame);
    const old = index - KEPT;
    if (old > 0) this.#frames.delete(old);
    return index;
  }

  read(frameIndex: number): Promise<RgbImage> {
    const frame = this.#frames.get(frameIndex);
    if (frame !== undefined) return Promise.resolve(frame);
    return Promise.reject(
      pixelVlaError("PVLA_FRAME", {
        doing: `Reading frame ${frameIndex} of a served episode`,
        found: `frames ${Math.max(0, this.#nFrames - KEPT)} to ${this.#nFrames - 1} and the first are kept`,
      }),
    );
  }
}
