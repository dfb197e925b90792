import type { PixelBox } from "@pixelvla/data";
import type { FrameSource, ModelIdentity, ObjectDetector, Tracker } from "@pixelvla/segmenters";
import type { PluginReference } from "@pixelvla/core";
import type { z } from "zod";

/** A gripper box that a person or an earlier step vouches for. */
export interface GripperSeed {
  /** Frame of the reel. */
  readonly frameIndex: number;
  readonly box: PixelBox;
}

/** Pictures of different episodes as one discrete video, all of one size. */
export interface GripperReel {
  readonly frames: FrameSource;
  readonly seeds: readonly GripperSeed[];
}

/** Where the gripper is in one frame of a reel. */
export interface GripperSighting {
  readonly box: PixelBox;
  /** In [0, 1]. */
  readonly score: number;
}

/** What following a reel came to. */
export interface FollowedReel {
  /** One entry a frame; undefined where the gripper was not seen at all. */
  readonly sightings: readonly (GripperSighting | undefined)[];
  /** How often the detector had to find the gripper anew. */
  readonly nReseeds: number;
}

/** Finds the gripper in the close frames of many episodes (the paper's annotation stage 1). */
export interface GripperDetector extends ModelIdentity {
  follow(reel: GripperReel, options?: { readonly signal?: AbortSignal | undefined }): Promise<FollowedReel>;
}

/** Models a gripper detector may be made of; opened once and shared, disposed by whoever opened the roles. */
export interface GripperContext {
  tracker(reference: PluginReference): Promise<Tracker>;
  objectDetector(reference: PluginReference): Promise<ObjectDetector>;
}

export interface GripperDetectorPlugin<Options extends z.ZodType = z.ZodType> {
  readonly kind: "gripperDetector";
  readonly name: string;
  /** One sentence for lists and the studio. */
  readonly summary: string;
  readonly options: Options;
  open(options: z.output<Options>, context: GripperContext): Promise<GripperDetector>;
}

/** Infers the option type inside a plugin and forgets it outside, as core's define helpers do. */
export function defineGripperDetector<O extends z.ZodType>(
  plugin: Omit<GripperDetectorPlugin<O>, "kind">,
): GripperDetectorPlugin {
  return { kind: "gripperDetector", ...plugin } as unknown as GripperDetectorPlugin;
}
