import { maskArea, maskBox, type BinaryMask, type PixelBox } from "@pixelvla/data";
import type { TrackedObject, Tracker, TrackSession } from "@pixelvla/segmenters";
import { segmentBox, type FoundObject } from "../object/find-object.ts";
import type { EpisodeFrames } from "../pipeline/frame-cache.ts";
import type { AnnotationRecipe } from "../recipe/recipe.ts";
import type { Roles } from "../roles/open-roles.ts";
import { boxFit, colourShares, likeness, type ColourShares } from "./likeness.ts";

const TARGET = 1;

/** The mask of one frame and how it came about; an undefined mask is a frame in which the object is lost. */
export interface FrameMask {
  readonly mask: BinaryMask | undefined;
  readonly box: PixelBox | undefined;
  readonly origin: "detected" | "tracked" | "redetected";
  /** Confidence that this is the object, 0..1: the tracker's, or the finder's. */
  readonly score: number;
}

/** The key mask carried through an episode. */
export interface Propagation {
  /** One entry a frame; undefined where the tracker said nothing. */
  readonly frames: readonly (FrameMask | undefined)[];
  readonly nRedetections: number;
}

interface Context {
  readonly frames: EpisodeFrames;
  readonly phrases: readonly string[];
  readonly recipe: AnnotationRecipe;
  readonly roles: Roles;
  readonly signal?: AbortSignal | undefined;
  /** Default: both. */
  readonly directions?: readonly ("forward" | "backward")[] | undefined;
  /** Hears of every frame but the key frame as it is done; frames that are found again are told of once more. */
  readonly onFrame?: ((frameIndex: number, mask: FrameMask) => void) | undefined;
}

/**
 * Carries the key mask through the episode, in both directions unless `directions` says otherwise. Masks less certain than `lostBelow` are dropped; while the
 * object is lost the detector looks again every few frames around where it was last seen, and what it finds prompts the tracker
 * anew. Trackers of boxes get their masks from the segmenter. What is found again or cut out of a box must look like the key mask in
 * size and colours: a box goes on over whatever covers the object.
 */
export async function propagateMask(key: FoundObject, context: Context): Promise<Propagation> {
  const { frames, roles } = context;
  const masks: (FrameMask | undefined)[] = Array.from({ length: frames.nFrames }, () => undefined);
  const { mask, score } = key;
  masks[key.frameIndex] = { mask, box: maskBox(mask), origin: "detected", score };
  if (roles.tracker === undefined || frames.nFrames === 1) return { frames: masks, nRedetections: 0 };
  return new Propagator(context, key, masks).run(roles.tracker);
}

class Propagator {
  readonly #context: Context;
  readonly #key: FoundObject;
  readonly #masks: (FrameMask | undefined)[];
  #nRedetections = 0;
  /** Colours of the key mask. */
  #colours: ColourShares | undefined;

  constructor(context: Context, key: FoundObject, masks: (FrameMask | undefined)[]) {
    this.#context = context;
    this.#key = key;
    this.#masks = masks;
  }

  async run(tracker: Tracker): Promise<Propagation> {
    const { frameIndex, mask, detection } = this.#key;
    const session = await tracker.start(this.#context.frames);
    try {
      await session.prompt(frameIndex, TARGET, { box: maskBox(mask) ?? detection.box, mask });
      for (const direction of this.#context.directions ?? (["forward", "backward"] as const))
        for (let from: number | undefined = frameIndex; from !== undefined;)
          from = await this.#follow(session, from, direction);
    } finally {
      await session.dispose();
    }
    return { frames: this.#masks, nRedetections: this.#nRedetections };
  }

  /** Follows until the video ends or the object was found again; then the frame to go on from. */
  async #follow(
    session: TrackSession,
    fromFrame: number,
    direction: "forward" | "backward",
  ): Promise<number | undefined> {
    const { signal, recipe } = this.#context;
    const { lostBelow, redetectEvery, maxRedetections } = recipe.propagation;
    let nLost = 0;
    for await (const { frameIndex, objects } of session.propagate({
      fromFrame,
      direction,
      ...(signal !== undefined && { signal }),
    })) {
      signal?.throwIfAborted();
      if (frameIndex === fromFrame) continue;
      const tracked = objects.find(({ objectId }) => objectId === TARGET);
      const masked =
        tracked === undefined || tracked.score < lostBelow ? undefined : await this.#mask(frameIndex, tracked);
      const lost = { mask: undefined, box: undefined, origin: "tracked", score: clamp(tracked?.score ?? 0) } as const;
      this.#take(frameIndex, masked ?? lost);
      if (masked !== undefined) {
        nLost = 0;
        continue;
      }
      nLost++;
      if (nLost % redetectEvery !== 0 || this.#nRedetections >= maxRedetections) continue;
      const found = await this.#findAgain(frameIndex, direction);
      if (found === undefined) continue;
      this.#nRedetections++;
      this.#take(frameIndex, found);
      await session.prompt(frameIndex, TARGET, { box: found.box!, mask: found.mask! });
      return frameIndex;
    }
    return undefined;
  }

  #take(frameIndex: number, mask: FrameMask): void {
    this.#masks[frameIndex] = mask;
    this.#context.onFrame?.(frameIndex, mask);
  }

  /** The tracker's mask, or the segmenter's for its box; undefined where either is empty or not certain enough. */
  async #mask(frameIndex: number, { mask, box, score }: TrackedObject): Promise<FrameMask | undefined> {
    if (mask !== undefined) {
      const around = maskBox(mask);
      return around && { mask, box: around, origin: "tracked", score: clamp(score) };
    }
    if (box === undefined) return undefined;
    const segmented = await segmentBox(this.#context, this.#context.roles, frameIndex, box);
    const around = maskBox(segmented.mask);
    if (around === undefined) return undefined;
    const together = Math.sqrt(clamp(score) * clamp(segmented.score));
    const { lostBelow, minBoxFit } = this.#context.recipe.propagation;
    if (together < lostBelow || boxFit(box, around) < minBoxFit) return undefined;
    if (!(await this.#isLikely(frameIndex, segmented.mask))) return undefined;
    return { mask: segmented.mask, box: around, origin: "tracked", score: together };
  }

  async #findAgain(frameIndex: number, direction: "forward" | "backward"): Promise<FrameMask | undefined> {
    const { frames, phrases, recipe, roles, signal } = this.#context;
    const image = await frames.read(frameIndex);
    const region = around(this.#lastBox(frameIndex, direction), image, recipe.region.scale);
    const [found] = await roles.objectDetector.detect(image, phrases, {
      threshold: recipe.detection.threshold,
      region,
      ...(signal !== undefined && { signal }),
    });
    if (found === undefined || found.score < recipe.detection.threshold) return undefined;
    const { mask, score } = await segmentBox(this.#context, roles, frameIndex, found.box);
    const box = maskBox(mask);
    const together = Math.sqrt(clamp(found.score) * clamp(score));
    if (box === undefined || together < recipe.segmentation.minScore) return undefined;
    if (!(await this.#isLikely(frameIndex, mask))) return undefined;
    return { mask, box, origin: "redetected", score: together };
  }

  /** Whether a mask is about as large as the key mask and has its colours. */
  async #isLikely(frameIndex: number, mask: BinaryMask): Promise<boolean> {
    const { frames, recipe } = this.#context;
    const { maxAreaChange, minLikeness } = recipe.propagation;
    const change = maskArea(mask) / maskArea(this.#key.mask);
    if (change > maxAreaChange || change < 1 / maxAreaChange) return false;
    this.#colours ??= colourShares(await frames.read(this.#key.frameIndex), this.#key.mask);
    return likeness(this.#colours, colourShares(await frames.read(frameIndex), mask)) >= minLikeness;
  }

  #lastBox(frameIndex: number, direction: "forward" | "backward"): PixelBox {
    const step = direction === "forward" ? -1 : 1;
    for (let t = frameIndex + step; t !== this.#key.frameIndex; t += step) {
      const box = this.#masks[t]?.box;
      if (box !== undefined) return box;
    }
    return this.#masks[this.#key.frameIndex]?.box ?? this.#key.detection.box;
  }
}

/** A box `scale` times as large about the same centre, cut to the image. */
function around(box: PixelBox, image: { widthPx: number; heightPx: number }, scale: number): PixelBox {
  const side = (scale * Math.max(box.x1 - box.x0, box.y1 - box.y0)) / 2;
  const [cx, cy] = [(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2];
  return {
    x0: Math.max(0, Math.floor(cx - side)),
    y0: Math.max(0, Math.floor(cy - side)),
    x1: Math.min(image.widthPx, Math.ceil(cx + side)),
    y1: Math.min(image.heightPx, Math.ceil(cy + side)),
  };
}

const clamp = (score: number) => (Number.isFinite(score) ? Math.min(1, Math.max(0, score)) : 0);
