import { maskBox, type PixelBox, type RgbImage } from "@pixelvla/data";
import type {
  FrameSource,
  SegmentPrompt,
  TrackedFrame,
  TrackedObject,
  Tracker,
  TrackSession,
} from "../../contracts.ts";
import { noObjects, outsideVideo } from "../../embedded/tracking/errors.ts";
import { badPrompt } from "../../errors.ts";
import { within } from "../boxes.ts";
import type { Place } from "./crop.ts";
import type { Found, SiameseModel, Template } from "./siamese-model.ts";

/** One object: what it looks like, and where it is. */
interface Followed {
  readonly template: Template;
  readonly place: Place;
}

export interface SiameseTrackerOptions {
  /** Score below which the whole picture is searched: frames of different episodes need not be neighbours. */
  readonly searchEverywhereBelow: number;
}

/** Follows boxes; masks are left to a segmenter. The look of an object is that of its prompt and never changes. */
export function siameseTracker(
  model: SiameseModel,
  identity: { readonly model: string; readonly modelVersion: string },
  options: SiameseTrackerOptions,
): Tracker {
  return {
    ...identity,
    start: (frames) => Promise.resolve(new SiameseSession(model, frames, options)),
    dispose: () => model.dispose(),
  };
}

class SiameseSession implements TrackSession {
  readonly #model: SiameseModel;
  readonly #frames: FrameSource;
  readonly #options: SiameseTrackerOptions;
  /** By object, then frame: where it was prompted. */
  readonly #prompted = new Map<number, Map<number, Followed>>();

  constructor(model: SiameseModel, frames: FrameSource, options: SiameseTrackerOptions) {
    [this.#model, this.#frames, this.#options] = [model, frames, options];
  }

  /** @throws PVLA_SEGMENT_PROMPT for points alone: a tracker of boxes cannot tell how large the object is */
  async prompt(frameIndex: number, objectId: number, { box, mask }: SegmentPrompt): Promise<TrackedObject> {
    this.#check(frameIndex);
    const given = box ?? (mask === undefined ? undefined : maskBox(mask));
    if (given === undefined || !(given.x1 > given.x0 && given.y1 > given.y0))
      throw badPrompt(given === undefined ? "no box" : "a box without an area", "Give a box or a mask of the object");
    const image = await this.#frames.read(frameIndex);
    const place = placeOf(given);
    const ofObject = this.#prompted.get(objectId) ?? new Map<number, Followed>();
    ofObject.set(frameIndex, { template: await this.#model.template(image, place), place });
    this.#prompted.set(objectId, ofObject);
    return { objectId, box: within(given, image.widthPx, image.heightPx), score: 1 };
  }

  async *propagate({
    fromFrame,
    direction,
    maxFrames = Infinity,
    signal,
  }: Parameters<TrackSession["propagate"]>[0]): AsyncIterable<TrackedFrame> {
    this.#check(fromFrame);
    if (this.#prompted.size === 0) throw noObjects();
    const step = direction === "forward" ? 1 : -1;
    const followed = new Map<number, Followed>();
    for (const [objectId, prompts] of this.#prompted) followed.set(objectId, prompts.get(nearest(prompts, fromFrame))!);
    for (let n = 0; n < maxFrames; n++) {
      const frameIndex = fromFrame + n * step;
      if (frameIndex < 0 || frameIndex >= this.#frames.nFrames) return;
      signal?.throwIfAborted();
      const image = await this.#frames.read(frameIndex);
      const objects: TrackedObject[] = [];
      for (const [objectId, object] of followed) {
        const given = this.#prompted.get(objectId)!.get(frameIndex);
        const { place, score } =
          given === undefined ? await this.#find(image, object, signal) : { place: given.place, score: 1 };
        if (given !== undefined) followed.set(objectId, given);
        else if (score >= this.#options.searchEverywhereBelow) followed.set(objectId, { ...object, place });
        objects.push({ objectId, box: within(boxOf(place), image.widthPx, image.heightPx), score });
      }
      yield { frameIndex, objects };
    }
  }

  dispose(): Promise<void> {
    this.#prompted.clear();
    return Promise.resolve();
  }

  /** Around where it was; if it is not there, in a grid of such searches over the picture. */
  async #find(image: RgbImage, { template, place }: Followed, signal: AbortSignal | undefined): Promise<Found> {
    let best = await this.#model.search(image, template, place, signal);
    if (best.score >= this.#options.searchEverywhereBelow) return best;
    // A search crop is twice as wide as the object and its surroundings; steps of the object's own size overlap well.
    const stepX = Math.max(place.width, image.widthPx / 6);
    const stepY = Math.max(place.height, image.heightPx / 6);
    for (let cy = stepY / 2; cy < image.heightPx; cy += stepY)
      for (let cx = stepX / 2; cx < image.widthPx; cx += stepX) {
        const found = await this.#model.search(image, template, { ...place, cx, cy }, signal);
        if (found.score > best.score) best = found;
      }
    return best;
  }

  #check(frameIndex: number): void {
    if (!Number.isInteger(frameIndex) || frameIndex < 0 || frameIndex >= this.#frames.nFrames)
      throw outsideVideo(frameIndex, this.#frames.nFrames);
  }
}

/** The prompted frame next to `from`. */
function nearest(prompts: ReadonlyMap<number, unknown>, from: number): number {
  return [...prompts.keys()].reduce((best, frame) => (Math.abs(frame - from) < Math.abs(best - from) ? frame : best));
}

const placeOf = ({ x0, y0, x1, y1 }: PixelBox): Place => ({
  cx: (x0 + x1) / 2,
  cy: (y0 + y1) / 2,
  width: x1 - x0,
  height: y1 - y0,
});

const boxOf = ({ cx, cy, width, height }: Place): PixelBox => ({
  x0: cx - width / 2,
  y0: cy - height / 2,
  x1: cx + width / 2,
  y1: cy + height / 2,
});
