import {
  encodeCocoRle,
  frameAnnotation,
  maskArea,
  type BinaryMask,
  type Episode,
  type FrameAnnotation,
  type PixelBox,
} from "@pixelvla/data";
import { isDropped, type Dropped } from "../funnel/causes.ts";
import type { GripperSighting } from "../gripper/gripper-detector.ts";
import type { FoundObject } from "../object/find-object.ts";
import { promptsFromMask } from "../prompts/from-mask.ts";
import type { Propagation } from "../propagation/propagate-mask.ts";
import { connectedComponents, fragmentation } from "../quality/components.ts";
import { doubtOf, type Doubt, type Measured } from "../quality/doubt.ts";
import { distanceInBoxSizes, maskShape, phraseMatch, stabilities } from "../quality/measures.ts";
import type { Target } from "./ask-target.ts";
import type { AnnotateContext } from "./annotate-episode.ts";
import type { CloseFrame } from "./close-frame.ts";

interface Given {
  readonly episodeIndex: number;
  readonly episode: Episode;
  readonly found: FoundObject;
  readonly propagation: Propagation;
  readonly agreement: number | undefined;
  readonly sighting: GripperSighting | undefined;
  readonly close: CloseFrame | Dropped | undefined;
  readonly region: PixelBox | undefined;
  readonly target: Target | Dropped | undefined;
  readonly context: AnnotateContext;
}

/**
 * The annotations of an episode's frames, by recorded frame, and the episode's doubt. Gripper box and region are those of the
 * close frame, carried to every frame (the camera stands still); detector score, agreement and phrase match are the key frame's.
 */
export function frameAnnotations(given: Given): {
  annotations: FrameAnnotation[];
  rawFrameIndex: number[];
  doubt: Doubt;
} {
  const { episode, found, propagation, agreement, sighting, region, context, target } = given;
  const { roles, recipe, camera } = context;
  const phrase = target === undefined || isDropped(target) ? "" : target.phrases[0];
  const steadiness = stabilities(propagation.frames.map((frame) => frame?.mask && maskShape(frame.mask)));
  const ofEpisode = {
    agreement,
    gripperDistance: gripperDistance(given),
    phraseMatch: phraseMatch(found.detection.label, phrase),
    detectorScore: found.detection.score,
  };
  const annotations: FrameAnnotation[] = [];
  const rawFrameIndex: number[] = [];
  for (const [t, frame] of propagation.frames.entries()) {
    if (frame === undefined) continue;
    const rawFrame = episode.rawFrameIndex[t]!;
    const { mask, origin, score } = frame;
    const base = {
      camera,
      phrase,
      score,
      origin,
      detectorScore: clampScore(found.detection.score),
      gripperBox: sighting?.box,
      gripperScore: sighting === undefined ? undefined : clampScore(sighting.score),
      region,
      model: roles.model,
      modelVersion: roles.modelVersion,
    };
    rawFrameIndex.push(rawFrame);
    if (mask === undefined) {
      annotations.push(frameAnnotation(base));
      continue;
    }
    const pieces = fragmentation(connectedComponents(mask));
    const prompts = promptsFromMask(mask, recipe.prompts, `${recipe.prompts.seed}:${given.episodeIndex}:${rawFrame}`);
    const { doubt, reason } = doubtOf({
      ...ofEpisode,
      maskScore: origin === "detected" ? found.maskScore : undefined,
      trackScore: origin === "tracked" ? score : undefined,
      areaShare: areaShare(mask),
      fragmentation: pieces,
      stability: steadiness[t],
    });
    annotations.push(
      frameAnnotation({
        ...base,
        mask: encodeCocoRle(mask),
        ...prompts,
        maskScore: origin === "detected" ? found.maskScore : undefined,
        quality: {
          agreement: ofEpisode.agreement,
          gripperDistance: ofEpisode.gripperDistance,
          phraseMatch: ofEpisode.phraseMatch,
          fragmentation: pieces,
          stability: steadiness[t],
          doubt,
          doubtReason: reason,
        },
      }),
    );
  }
  return { annotations, rawFrameIndex, doubt: doubtOf(episodeMeasures(given, ofEpisode, steadiness)) };
}

function episodeMeasures(
  { found, propagation, context }: Given,
  ofEpisode: Measured,
  steadiness: readonly (number | undefined)[],
): Measured {
  const steady = steadiness.filter((value) => value !== undefined);
  const withMask = propagation.frames.filter((frame) => frame?.mask !== undefined).length;
  return {
    ...ofEpisode,
    maskScore: found.maskScore,
    areaShare: areaShare(found.mask),
    fragmentation: fragmentation(connectedComponents(found.mask)),
    stability: steady.length === 0 ? undefined : steady.reduce((sum, value) => sum + value, 0) / steady.length,
    framesWithMask: context.roles.tracker === undefined ? undefined : withMask / propagation.frames.length,
    outsideRegion: context.recipe.region.mode === "full" ? undefined : found.outsideRegion,
  };
}

/** From the mask at the close (or in the key frame, where the close has none) to the gripper at the close. */
function gripperDistance({ close, sighting, propagation, found }: Given): number | undefined {
  if (sighting === undefined || close === undefined || isDropped(close)) return undefined;
  return distanceInBoxSizes(propagation.frames[close.frameIndex]?.mask ?? found.mask, sighting.box);
}

const areaShare = (mask: BinaryMask) => maskArea(mask) / mask.data.length;
const clampScore = (score: number) => Math.min(1, Math.max(0, score));
