import { maskBox, type PixelBox } from "@pixelvla/data";
import { pluginReference } from "@pixelvla/core";
import type { ObjectDetector, TrackedObject, Tracker, TrackSession } from "@pixelvla/segmenters";
import { z } from "zod";
import {
  defineGripperDetector,
  type FollowedReel,
  type GripperReel,
  type GripperSighting,
} from "./gripper-detector.ts";

const GRIPPER = 1;

const options = z.strictObject({
  tracker: pluginReference.describe("Follows the gripper from picture to picture with its memory"),
  detector: pluginReference
    .nullable()
    .default(null)
    .describe("Finds the gripper to begin with and when it is lost; null: a person seeds"),
  phrases: z.array(z.string()).min(1).default(["robot gripper"]).describe("What the detector is asked for"),
  seedThreshold: z.number().min(0).max(1).default(0.3).describe("Least detector score of a seed"),
  seedFrames: z
    .int()
    .positive()
    .default(16)
    .describe("Pictures looked at for the best seed before the first one found is taken"),
  lostBelow: z.number().min(0).max(1).default(0.4).describe("Tracker score below which the gripper is sought anew"),
});
type Options = z.output<typeof options>;

/**
 * Follows the gripper with any tracker: the most certain find of the detector (or a person's box) is the seed, from it the
 * reel is followed both ways, and where confidence falls the detector seeds anew.
 *
 * Source: PixelVLA, annotation stage 1 (close frames of all episodes as one discrete video, SAM 2 with memory).
 * Paper silent: how the first gripper is found and what happens when it is lost.
 */
export const trackedGripper = defineGripperDetector({
  name: "tracked",
  summary: "Any tracker over the close frames as one video, seeded by a detector or a person and re-seeded when lost.",
  options,
  async open(parsed, context) {
    const tracker = await context.tracker(parsed.tracker);
    const detector = parsed.detector === null ? undefined : await context.objectDetector(parsed.detector);
    const parts = [tracker, ...(detector === undefined ? [] : [detector])];
    return {
      model: parts.map(({ model }) => model).join(" + "),
      modelVersion: parts.map(({ modelVersion }) => modelVersion).join(" + "),
      follow: (reel, { signal } = {}) => new Follower(parsed, tracker, detector, reel, signal).follow(),
    };
  },
});

class Follower {
  readonly #sightings: (GripperSighting | undefined)[];
  readonly #options: Options;
  readonly #tracker: Tracker;
  readonly #detector: ObjectDetector | undefined;
  readonly #reel: GripperReel;
  readonly #signal: AbortSignal | undefined;
  #nReseeds = 0;

  constructor(
    parsed: Options,
    tracker: Tracker,
    detector: ObjectDetector | undefined,
    reel: GripperReel,
    signal: AbortSignal | undefined,
  ) {
    this.#options = parsed;
    this.#tracker = tracker;
    this.#detector = detector;
    this.#reel = reel;
    this.#signal = signal;
    this.#sightings = Array.from({ length: reel.frames.nFrames }, () => undefined);
  }

  async follow(): Promise<FollowedReel> {
    const given = this.#reel.seeds.map((seed) => ({ ...seed, score: 1 })); // a person is sure
    const seeds = given.length > 0 ? given : await this.#findSeed();
    seeds.sort((a, b) => a.frameIndex - b.frameIndex);
    const [first] = seeds;
    if (first === undefined) return { sightings: this.#sightings, nReseeds: 0 };
    const session = await this.#tracker.start(this.#reel.frames);
    try {
      for (const { frameIndex, box, score } of seeds) {
        await session.prompt(frameIndex, GRIPPER, { box });
        this.#sightings[frameIndex] = { box, score };
      }
      await this.#propagate(session, first.frameIndex, "forward");
      await this.#propagate(session, first.frameIndex, "backward");
    } finally {
      await session.dispose();
    }
    return { sightings: this.#sightings, nReseeds: this.#nReseeds };
  }

  /** The most certain detection of the first pictures, or the first of later ones. */
  async #findSeed(): Promise<{ frameIndex: number; box: PixelBox; score: number }[]> {
    let best: { frameIndex: number; box: PixelBox; score: number } | undefined;
    for (let frameIndex = 0; frameIndex < this.#reel.frames.nFrames; frameIndex++) {
      if (best !== undefined && frameIndex >= this.#options.seedFrames) break;
      const found = await this.#detect(frameIndex);
      if (found !== undefined && found.score > (best?.score ?? 0)) best = { frameIndex, ...found };
    }
    return best === undefined ? [] : [best];
  }

  async #detect(frameIndex: number): Promise<GripperSighting | undefined> {
    if (this.#detector === undefined) return undefined;
    const image = await this.#reel.frames.read(frameIndex);
    const [found] = await this.#detector.detect(image, this.#options.phrases, {
      threshold: this.#options.seedThreshold,
      ...(this.#signal !== undefined && { signal: this.#signal }),
    });
    return found === undefined || found.score < this.#options.seedThreshold
      ? undefined
      : { box: found.box, score: found.score };
  }

  async #propagate(session: TrackSession, fromFrame: number, direction: "forward" | "backward"): Promise<void> {
    for (let from: number | undefined = fromFrame; from !== undefined;)
      from = await this.#until(session, from, direction);
  }

  /** Follows until the reel ends or the gripper had to be found anew; then the frame to go on from. */
  async #until(
    session: TrackSession,
    fromFrame: number,
    direction: "forward" | "backward",
  ): Promise<number | undefined> {
    const signal = this.#signal;
    for await (const { frameIndex, objects } of session.propagate({
      fromFrame,
      direction,
      ...(signal !== undefined && { signal }),
    })) {
      signal?.throwIfAborted();
      if (frameIndex === fromFrame || this.#sightings[frameIndex] !== undefined) continue;
      const sighting = sightingOf(objects.find(({ objectId }) => objectId === GRIPPER));
      if ((sighting?.score ?? 0) >= this.#options.lostBelow) {
        this.#sightings[frameIndex] = sighting;
        continue;
      }
      const found = await this.#detect(frameIndex);
      this.#sightings[frameIndex] = found ?? sighting;
      if (found === undefined) continue;
      this.#nReseeds++;
      await session.prompt(frameIndex, GRIPPER, { box: found.box });
      return frameIndex;
    }
    return undefined;
  }
}

function sightingOf(object: TrackedObject | undefined): GripperSighting | undefined {
  if (object === undefined) return undefined;
  const box = object.box ?? (object.mask === undefined ? undefined : maskBox(object.mask));
  return box === undefined ? undefined : { box, score: object.score };
}
