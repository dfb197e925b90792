import { maskBox, type BinaryMask, type PixelBox } from "@pixelvla/data";
import type {
  FrameSource,
  SegmentPrompt,
  TrackedFrame,
  TrackedObject,
  Tracker,
  TrackSession,
} from "../../contracts.ts";
import type { CutSegmenter } from "../cut-segmenter.ts";
import { objectPrior } from "../parts/object-prior.ts";
import type { PartsModel } from "../parts/parts-model.ts";
import { noObjects, outsideVideo } from "./errors.ts";
import { findAgain, follow, remember, type Appearance, type Sighting } from "./follow-object.ts";

/** Below this an object counts as lost and is sought in the whole picture. */
const LOST = 0.4;
/** From this on what is seen updates what is remembered. */
const CLEAR = 0.75;

/** One object while it is followed. */
interface Followed {
  look: Appearance;
  mask: BinaryMask;
  box: PixelBox;
}

/** Follows masks by colour, position and, on the tabletop, the network's label; finds again what was hidden. */
export class ColourTracker implements Tracker {
  readonly model = "colour-tracker";
  readonly modelVersion = "1";
  readonly #segmenter: CutSegmenter;
  readonly #parts: PartsModel | undefined;

  /** @param parts also that of `segmenter`, which disposes it */
  constructor(segmenter: CutSegmenter, parts: PartsModel | undefined) {
    this.#segmenter = segmenter;
    this.#parts = parts;
  }

  start(frames: FrameSource): Promise<TrackSession> {
    return Promise.resolve(new ColourTrackSession(frames, this.#segmenter, this.#parts));
  }

  dispose(): Promise<void> {
    return this.#segmenter.dispose();
  }
}

class ColourTrackSession implements TrackSession {
  readonly #frames: FrameSource;
  readonly #segmenter: CutSegmenter;
  readonly #parts: PartsModel | undefined;
  /** By object, then frame: where it was prompted. */
  readonly #prompted = new Map<number, Map<number, Followed & { score: number }>>();

  constructor(frames: FrameSource, segmenter: CutSegmenter, parts: PartsModel | undefined) {
    this.#frames = frames;
    this.#segmenter = segmenter;
    this.#parts = parts;
  }

  async prompt(frameIndex: number, objectId: number, prompt: SegmentPrompt): Promise<TrackedObject> {
    this.#check(frameIndex);
    const features = await this.#segmenter.encode(await this.#frames.read(frameIndex));
    const [best] = await this.#segmenter.segment(features, prompt);
    const label = features.parts && objectPrior(features.parts, features, { mask: best!.mask })?.label;
    const look = remember(features.image, best!.mask, { parts: features.parts, label });
    if (look === undefined) return { objectId, score: 0 };
    const box = maskBox(best!.mask)!;
    const ofObject = this.#prompted.get(objectId) ?? new Map<number, Followed & { score: number }>();
    ofObject.set(frameIndex, { look, mask: best!.mask, box, score: best!.score });
    this.#prompted.set(objectId, ofObject);
    return { objectId, mask: best!.mask, box, score: best!.score };
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
    for (const [objectId, prompts] of this.#prompted) {
      const start = nearest([...prompts.keys()], fromFrame, step);
      followed.set(objectId, { ...prompts.get(start)! });
    }
    for (let n = 0; n < maxFrames; n++) {
      const frameIndex = fromFrame + n * step;
      if (frameIndex < 0 || frameIndex >= this.#frames.nFrames) return;
      signal?.throwIfAborted();
      const objects: TrackedObject[] = [];
      const image = await this.#frames.read(frameIndex);
      const parts = await this.#parts?.look(image, signal === undefined ? {} : { signal });
      for (const [objectId, object] of followed) {
        const given = this.#prompted.get(objectId)!.get(frameIndex);
        if (given !== undefined) {
          followed.set(objectId, { ...given });
          objects.push({ objectId, mask: given.mask, box: given.box, score: given.score });
          continue;
        }
        const seen = look(image, parts, object);
        if (seen === undefined || seen.score < LOST) {
          objects.push({ objectId, score: seen?.score ?? 0 });
          continue;
        }
        object.mask = seen.mask;
        object.box = seen.box;
        if (seen.score >= CLEAR) object.look = remember(image, seen.mask, {}, object.look) ?? object.look;
        objects.push({ objectId, ...seen });
      }
      yield { frameIndex, objects };
    }
  }

  dispose(): Promise<void> {
    this.#prompted.clear();
    return Promise.resolve();
  }

  #check(frameIndex: number): void {
    if (!Number.isInteger(frameIndex) || frameIndex < 0 || frameIndex >= this.#frames.nFrames)
      throw outsideVideo(frameIndex, this.#frames.nFrames);
  }
}

/** Near where it was; else anywhere. */
function look(
  image: Parameters<typeof follow>[0],
  parts: Parameters<typeof follow>[1],
  object: Followed,
): Sighting | undefined {
  const near = follow(image, parts, object.look, object.box, object.mask);
  if (near !== undefined && near.score >= LOST) return near;
  const anywhere = findAgain(image, parts, object.look);
  return anywhere !== undefined && anywhere.score > (near?.score ?? 0) ? anywhere : near;
}

/** The prompted frame to start from: the nearest one not ahead of `from` in the direction of travel, else the nearest. */
function nearest(prompted: readonly number[], from: number, step: 1 | -1): number {
  const behind = prompted.filter((frame) => (from - frame) * step >= 0);
  const pool = behind.length > 0 ? behind : prompted;
  return pool.reduce((best, frame) => (Math.abs(frame - from) < Math.abs(best - from) ? frame : best));
}
