import { decodeImage, type PixelBox } from "@pixelvla/data";
import type { FrameSource } from "@pixelvla/segmenters";
import type { CloseFrame } from "../pipeline/close-frame.ts";
import type { FollowedReel, GripperDetector, GripperSighting } from "./gripper-detector.ts";

/** A picture in which a person marked the gripper; shown to the gripper detector before every reel. */
export interface SeedPicture {
  readonly image: CloseFrame["image"];
  readonly box: PixelBox;
  /** Whose close frame it is, if it is one. */
  readonly episodeIndex: number;
  readonly rawFrame: number;
}

/** Close frames in reel order; undefined for episodes without one. */
export type ReelFrames = readonly ({ readonly episodeIndex: number; readonly close: CloseFrame } | undefined)[];

/**
 * Follows the gripper through the close frames of a reel. Pictures of different sizes cannot be one video: each size is
 * followed by itself. Seed pictures come first in each, so that a person's single box serves all reels.
 *
 * @returns a sighting for every entry of `reel`
 */
export async function followReel(
  detector: GripperDetector,
  reel: ReelFrames,
  seeds: readonly SeedPicture[],
  signal?: AbortSignal,
): Promise<FollowedReel> {
  const sightings: (GripperSighting | undefined)[] = reel.map(() => undefined);
  const bySize = new Map<string, number[]>();
  for (const [i, entry] of reel.entries()) {
    if (entry === undefined) continue;
    const key = sizeKey(entry.close.image);
    bySize.set(key, [...(bySize.get(key) ?? []), i]);
  }
  let nReseeds = 0;
  for (const [size, members] of bySize) {
    const shown = seeds.filter(({ image }) => sizeKey(image) === size);
    const pictures = [...shown.map(({ image }) => image), ...members.map((i) => reel[i]!.close.image)];
    const followed = await detector.follow(
      { frames: encodedFrames(pictures), seeds: shown.map(({ box }, frameIndex) => ({ frameIndex, box })) },
      { signal },
    );
    nReseeds += followed.nReseeds;
    for (const [place, i] of members.entries()) {
      const { episodeIndex, close } = reel[i]!;
      const own = shown.find((seed) => seed.episodeIndex === episodeIndex && seed.rawFrame === close.rawFrame);
      sightings[i] = own ? { box: own.box, score: 1 } : followed.sightings[shown.length + place];
    }
  }
  return { sightings, nReseeds };
}

const sizeKey = ({ widthPx, heightPx }: CloseFrame["image"]) => `${widthPx}x${heightPx}`;

const encodedFrames = (pictures: readonly CloseFrame["image"][]): FrameSource => ({
  nFrames: pictures.length,
  read: (frameIndex) => decodeImage(pictures[frameIndex]!.bytes),
});
