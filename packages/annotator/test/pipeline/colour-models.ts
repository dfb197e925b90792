import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { pixelVlaError } from "@pixelvla/core";
import type { BinaryMask, PixelBox, RgbImage } from "@pixelvla/data";
import {
  defineObjectDetector,
  defineSegmenter,
  defineTracker,
  type FrameSource,
  type ImageFeatures,
  type TrackedObject,
} from "@pixelvla/segmenters";
import { z } from "zod";
import {
  builtinGripperDetectors,
  builtinReasoners,
  createAnnotatorRegistry,
  defineTargetReasoner,
  type AnnotatorPlugin,
  type AnnotatorRegistry,
} from "../../src/index.ts";
import { GREEN, RED } from "./painted-dataset.ts";

// Models that really look at the painted pictures: objects are what has their colour.

type Colour = readonly number[];
const COLOURS: readonly (readonly [RegExp, Colour])[] = [
  [/red|block/, RED],
  [/green|gripper/, GREEN],
];

/** Calls of the models, to count encodes. */
export const calls = { encode: new Map<string, number>(), detect: 0 };
const none = () => Promise.resolve();

function maskOfColour({ widthPx, heightPx, data }: RgbImage, colour: Colour, within?: PixelBox): BinaryMask {
  const mask = new Uint8Array(widthPx * heightPx);
  const { x0, y0, x1, y1 } = within ?? { x0: 0, y0: 0, x1: widthPx, y1: heightPx };
  for (let y = Math.max(0, y0); y < Math.min(heightPx, y1); y++)
    for (let x = Math.max(0, x0); x < Math.min(widthPx, x1); x++)
      if (colour.every((value, c) => Math.abs(data[(y * widthPx + x) * 3 + c]! - value) < 30))
        mask[y * widthPx + x] = 1;
  return { widthPx, heightPx, data: mask };
}

function boxOf({ widthPx, data }: BinaryMask): PixelBox | undefined {
  let box: PixelBox | undefined;
  for (const [i, value] of data.entries()) {
    if (value === 0) continue;
    const [x, y] = [i % widthPx, Math.floor(i / widthPx)];
    box = {
      x0: Math.min(box?.x0 ?? x, x),
      y0: Math.min(box?.y0 ?? y, y),
      x1: Math.max(box?.x1 ?? 0, x + 1),
      y1: Math.max(box?.y1 ?? 0, y + 1),
    };
  }
  return box;
}

const detectorOptions = z.strictObject({
  score: z.number().default(0.8),
  failOn: z.array(z.int()).default([]).describe("Calls that fail"),
});

const colourDetector = defineObjectDetector({
  name: "colour",
  summary: "Test double: finds what has the colour a phrase names.",
  options: detectorOptions,
  open: ({ score, failOn }) => {
    let n = 0;
    return Promise.resolve({
      model: "colour-detector",
      modelVersion: "1",
      openVocabulary: true,
      dispose: none,
      detect(image, phrases, { region } = {}) {
        calls.detect++;
        if (failOn.includes(n++)) return Promise.reject(new Error("the detector broke down"));
        const found = phrases.flatMap((label) => {
          const colour = COLOURS.find(([words]) => words.test(label))?.[1];
          const box = colour && boxOf(maskOfColour(image, colour, region));
          return box === undefined ? [] : [{ box, score, label }];
        });
        return Promise.resolve(found);
      },
    });
  },
});

interface Features extends ImageFeatures {
  readonly image: RgbImage;
}

const colourSegmenter = defineSegmenter({
  name: "colour",
  summary: "Test double: the pixels in the prompt that are not grey.",
  options: z.strictObject({
    score: z.number().default(0.9),
    isEmpty: z.boolean().default(false),
    shrink: z.int().default(0),
  }),
  open: ({ score, isEmpty, shrink }) =>
    Promise.resolve({
      model: "colour-segmenter",
      modelVersion: "1",
      dispose: none,
      encode(image) {
        const key = createHash("sha256").update(image.data).digest("hex");
        calls.encode.set(key, (calls.encode.get(key) ?? 0) + 1);
        return Promise.resolve({ widthPx: image.widthPx, heightPx: image.heightPx, image });
      },
      segment(features, { box, points }) {
        const { image } = features as Features;
        const [point] = points ?? [];
        const at = point ?? { x: Math.floor((box!.x0 + box!.x1) / 2), y: Math.floor((box!.y0 + box!.y1) / 2) };
        const i = (Math.round(at.y) * image.widthPx + Math.round(at.x)) * 3;
        const colour = Array.from(image.data.subarray(i, i + 3));
        const within = box && { x0: box.x0 + shrink, y0: box.y0, x1: box.x1, y1: box.y1 };
        const mask = isEmpty ? maskOfColour(image, [1, 2, 3]) : maskOfColour(image, colour, within);
        return Promise.resolve([{ mask, score }]);
      },
    }),
});

/** Follows the colour a prompt shows; with `givesMasks` false only boxes, as NanoTrack. */
const colourTracker = defineTracker({
  name: "colour",
  summary: "Test double: follows the colour under the prompt.",
  options: z.strictObject({
    givesMasks: z.boolean().default(true),
    delayMs: z.number().default(0),
    holdsNothing: z.boolean().default(false),
    insists: z.boolean().default(false).describe("Says that a lost object is where it was last, and is sure of it"),
  }),
  open: ({ givesMasks, delayMs, holdsNothing, insists }) =>
    Promise.resolve({
      model: "colour-tracker",
      modelVersion: "1",
      dispose: none,
      start(frames: FrameSource) {
        const colours = new Map<number, Colour>();
        const lost = new Set<number>();
        const last = new Map<number, PixelBox>();
        const look = async (objectId: number, frameIndex: number): Promise<TrackedObject> => {
          const mask = maskOfColour(await frames.read(frameIndex), colours.get(objectId)!);
          const box = boxOf(mask);
          if (box === undefined && insists) return { objectId, box: last.get(objectId)!, score: 0.95 };
          if (box !== undefined) last.set(objectId, box);
          if (box === undefined) lost.add(objectId);
          // Once lost it needs a new prompt, as trackers with a memory of the last frames do.
          if (box === undefined || lost.has(objectId)) return { objectId, score: 0.05 };
          return { objectId, box, score: 0.95, ...(givesMasks && { mask }) };
        };
        return Promise.resolve({
          dispose: none,
          async prompt(frameIndex, objectId, { box }) {
            const image = await frames.read(frameIndex);
            const [x, y] = [Math.floor((box!.x0 + box!.x1) / 2), Math.floor((box!.y0 + box!.y1) / 2)];
            const i = (y * image.widthPx + x) * 3;
            colours.set(objectId, Array.from(image.data.subarray(i, i + 3)));
            lost.delete(objectId);
            return look(objectId, frameIndex);
          },
          async *propagate({ fromFrame, direction }) {
            if (holdsNothing)
              throw pixelVlaError("PVLA_TRACK_PROMPT", { doing: "Following", found: "no object to follow" });
            lost.clear();
            const step = direction === "forward" ? 1 : -1;
            for (let t = fromFrame; t >= 0 && t < frames.nFrames; t += step) {
              if (delayMs > 0) await sleep(delayMs);
              const objects = await Promise.all([...colours.keys()].map((id) => look(id, t)));
              yield { frameIndex: t, objects };
            }
          },
        });
      },
    }),
});

/** Answers as told, to play a language model that is down, lies or talks nonsense. */
export const scriptedReasoner = defineTargetReasoner({
  name: "scripted",
  summary: "Test double: gives the same answer always, or fails.",
  options: z.strictObject({
    target: z.string().optional(),
    confidence: z.number().default(0.9),
    failsWith: z.string().optional(),
  }),
  open: ({ target, confidence, failsWith }) =>
    Promise.resolve({
      model: "scripted",
      modelVersion: "1",
      dispose: none,
      reason: () =>
        failsWith === undefined
          ? Promise.resolve({ confidence, ...(target === undefined ? { reason: "asked for nothing" } : { target }) })
          : Promise.reject(Object.assign(new Error(failsWith), { code: "PVLA_REASONER" })),
    }),
});

export const colourRegistry = (more: readonly AnnotatorPlugin[] = []): AnnotatorRegistry =>
  createAnnotatorRegistry([
    colourDetector,
    colourSegmenter,
    colourTracker,
    scriptedReasoner,
    ...builtinReasoners,
    ...builtinGripperDetectors,
    ...more,
  ]);

/** A recipe over the models above. */
export const colourRecipe = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  name: "colour",
  roles: {
    gripperDetector: {
      name: "tracked",
      options: { tracker: { name: "colour" }, detector: { name: "colour" }, phrases: ["green gripper"] },
    },
    targetReasoner: { name: "grammar" },
    objectDetector: { name: "colour" },
    segmenter: { name: "colour" },
    tracker: { name: "colour" },
  },
  region: { reelEpisodes: 4 },
  ...changes,
});
