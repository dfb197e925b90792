import { pluginReference } from "@pixelvla/core";
import type { RgbImage } from "@pixelvla/data";
import { z } from "zod";
import { defineGripperDetector, type GripperSighting } from "./gripper-detector.ts";

const options = z.strictObject({
  detector: pluginReference.describe("Finds the gripper in every picture by itself"),
  phrases: z.array(z.string()).min(1).default(["robot gripper"]).describe("What it is asked for"),
  threshold: z.number().min(0).max(1).default(0.2).describe("Least score"),
});

/** Looks for the gripper in each close frame alone, without memory: for detectors that know grippers well. */
export const detectedGripper = defineGripperDetector({
  name: "detected",
  summary: "An object detector on every close frame, without memory.",
  options,
  async open({ detector: reference, phrases, threshold }, context) {
    const detector = await context.objectDetector(reference);
    const look = async (image: RgbImage, signal: AbortSignal | undefined): Promise<GripperSighting | undefined> => {
      const found = await detector.detect(image, phrases, { threshold, ...(signal !== undefined && { signal }) });
      return found.length === 0 ? undefined : { box: found[0]!.box, score: found[0]!.score };
    };
    return {
      model: detector.model,
      modelVersion: detector.modelVersion,
      async follow({ frames, seeds }, { signal } = {}) {
        const sightings: (GripperSighting | undefined)[] = [];
        for (let i = 0; i < frames.nFrames; i++) {
          signal?.throwIfAborted();
          const seed = seeds.find(({ frameIndex }) => frameIndex === i);
          sightings.push(seed === undefined ? await look(await frames.read(i), signal) : { box: seed.box, score: 1 });
        }
        return { sightings, nReseeds: 0 };
      },
    };
  },
});
