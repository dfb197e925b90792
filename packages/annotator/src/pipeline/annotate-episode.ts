import { PixelVlaError } from "@pixelvla/core";
import type { Dataset, Episode, FrameAnnotation, PixelBox } from "@pixelvla/data";
import { dropped, isDropped, type Dropped } from "../funnel/causes.ts";
import type { GripperSighting } from "../gripper/gripper-detector.ts";
import { regionProposal } from "../gripper/region-proposal.ts";
import { findObject, type FoundObject } from "../object/find-object.ts";
import { propagateMask, type Propagation } from "../propagation/propagate-mask.ts";
import { measureAgreement } from "../quality/agreement.ts";
import type { AnnotationRecipe } from "../recipe/recipe.ts";
import type { Roles } from "../roles/open-roles.ts";
import type { Preview } from "../sheet/preview.ts";
import type { Target } from "./ask-target.ts";
import { frameAnnotations } from "./frame-annotations.ts";
import { damagedBy, type EpisodeTask } from "./close-frame.ts";
import type { EpisodeRecord } from "./episode-record.ts";
import { EpisodeFrames } from "./frame-cache.ts";

/** An episode with its gripper and its target, ready for the models of stage 2. */
export interface ReadyEpisode extends EpisodeTask {
  readonly sighting: GripperSighting | undefined;
  readonly target: Target | Dropped | undefined;
}

/** What the pipeline makes of one episode, and what it looks like. */
export interface AnnotatedEpisode extends EpisodeRecord {
  readonly preview?: Preview | undefined;
}

/** Everything `annotateEpisode` works with. */
export interface AnnotateContext {
  readonly dataset: Dataset;
  readonly camera: string;
  readonly recipe: AnnotationRecipe;
  readonly roles: Roles;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Stage 2 for one episode: detection in the proposal, segmentation, propagation, prompts, quality. Every failure that is the
 * episode's own becomes a cause; aborts and errors of this software are thrown.
 */
export async function annotateEpisode(ready: ReadyEpisode, context: AnnotateContext): Promise<AnnotatedEpisode> {
  const { position, episodeIndex, split, task, close, target } = ready;
  const head = { position, episodeIndex, split, task };
  if (close !== undefined && isDropped(close)) return { head: { ...head, ...close } };
  if (target === undefined) throw new Error("internal: an episode without an answer about its target");
  const stage1 = gripperOf(ready, context.recipe);
  const preview = (more: Partial<Preview>): Preview => ({
    frames: close === undefined ? [] : [{ frameIndex: close.frameIndex, image: close.image }],
    ...more,
  });
  if (isDropped(stage1)) return { head: { ...head, ...stage1 }, preview: preview({ gripper: ready.sighting?.box }) };
  const gripper = stage1.sighting?.box;
  if (isDropped(target)) return { head: { ...head, ...target }, preview: preview({ gripper }) };
  const named = { ...head, phrase: target.phrases[0] };
  let region: PixelBox | undefined;
  try {
    const episode = await context.dataset.tryEpisode(episodeIndex);
    if (episode === undefined) return { head: { ...named, ...dropped("damaged", "it cannot be read") } };
    const frames = new EpisodeFrames(episode, context.camera, context.recipe.limits.featureFrames);
    const work = { ...context, frames, phrases: target.phrases };
    if (gripper !== undefined) region = regionProposal(gripper, await frames.read(0), context.recipe.region);
    const frameIndices = framesToSearch(close?.frameIndex, episode.nFrames, context.recipe);
    const found = await findObject({ ...work, frameIndices, region, gripper }, context.recipe, context.roles);
    if (isDropped(found))
      return { head: { ...named, ...found, nFrames: episode.nFrames }, preview: preview({ gripper, region }) };
    const agreement = await measureAgreement(found, work);
    const propagation = await propagateMask(found, work);
    return finished({ ...ready, head: named, episode, found, propagation, agreement, region, context });
  } catch (error) {
    context.signal?.throwIfAborted();
    return { head: { ...named, ...failure(error) }, preview: preview({ gripper, region }) };
  }
}

/** The gripper of stage 1, if there is one to be had. */
function gripperOf(
  { close, sighting }: ReadyEpisode,
  { region }: AnnotationRecipe,
): { readonly sighting: GripperSighting | undefined } | Dropped {
  if (region.mode === "full" || close === undefined) return { sighting: undefined };
  if (sighting !== undefined && sighting.score >= region.minGripperScore) return { sighting };
  if (region.mode === "gripper-or-full") return { sighting: undefined };
  const how = sighting === undefined ? "nothing" : `only a place with confidence ${sighting.score.toFixed(2)}`;
  return dropped("gripper-not-found", `${how}, needs ${region.minGripperScore}`);
}

/** Frames in which the target is sought, best first. */
function framesToSearch(close: number | undefined, nFrames: number, { detection }: AnnotationRecipe): number[] {
  const frames = detection.frames.flatMap((name) => {
    if (name === "first") return [0];
    if (close === undefined) return [];
    return [name === "close" ? close : Math.max(0, close - detection.beforeCloseFrames)];
  });
  return frames.length === 0 ? [0] : frames.filter((t) => t < nFrames);
}

interface Finished extends ReadyEpisode {
  readonly head: EpisodeRecord["head"];
  readonly episode: Episode;
  readonly found: FoundObject;
  readonly propagation: Propagation;
  readonly agreement: number | undefined;
  readonly region: PixelBox | undefined;
  readonly context: AnnotateContext;
}

/** Annotations, doubt and pictures of an episode that came through, unless its mask was lost. */
function finished(given: Finished): AnnotatedEpisode {
  const { head, episode, found, propagation, close, sighting, region, context } = given;
  const nWithMask = propagation.frames.filter((frame) => frame?.mask !== undefined).length;
  const { minFrames } = context.recipe.propagation;
  const closeFrame = close === undefined || isDropped(close) ? undefined : close.frameIndex;
  const shown = {
    frames: previewFrames(found.frameIndex, closeFrame, propagation),
    gripper: sighting?.box,
    region,
    episode,
  };
  const isFollowed = context.roles.tracker !== undefined;
  const share = nWithMask / episode.nFrames;
  if (isFollowed && share < minFrames) {
    const lost = dropped(
      "track-lost",
      `a mask in ${nWithMask} of ${episode.nFrames} frames, needs ${100 * minFrames} %`,
    );
    return { head: { ...head, ...lost, nFrames: episode.nFrames, nWithMask }, preview: shown };
  }
  const { annotations, rawFrameIndex, doubt } = frameAnnotations(given);
  return {
    head: {
      ...head,
      score: found.score,
      doubt: doubt.doubt,
      doubtReason: doubt.reason,
      nFrames: episode.nFrames,
      nWithMask,
      keyFrame: found.frameIndex,
      outsideRegion: found.outsideRegion,
      nRedetections: propagation.nRedetections,
    },
    body: { rawFrameIndex, annotations },
    preview: { ...shown, frames: withPoints(shown.frames, episode, rawFrameIndex, annotations) },
  };
}

/** First, key, close and last frame. */
function previewFrames(key: number, close: number | undefined, { frames }: Propagation): Preview["frames"] {
  const wanted = new Set([0, key, close ?? Math.floor(frames.length / 2), frames.length - 1]);
  return [...wanted].sort((a, b) => a - b).map((frameIndex) => ({ frameIndex, mask: frames[frameIndex]?.mask }));
}

function withPoints(
  frames: Preview["frames"],
  { rawFrameIndex }: Episode,
  raw: readonly number[],
  annotations: readonly FrameAnnotation[],
): Preview["frames"] {
  return frames.map((frame) => ({
    ...frame,
    points: annotations[raw.indexOf(rawFrameIndex[frame.frameIndex]!)]?.points,
  }));
}

/** What trackers throw when their prompts gave them nothing to follow, for example a mask too thin to cut out. */
const NOTHING_TO_FOLLOW: readonly string[] = ["PVLA_TRACK_PROMPT", "PVLA_TRACK_NO_OBJECT"];

function failure(error: unknown): Dropped {
  if (error instanceof PixelVlaError && error.code.startsWith("PVLA_DATA_")) return damagedBy(error);
  if (error instanceof PixelVlaError && NOTHING_TO_FOLLOW.includes(error.code))
    return dropped("not-trackable", error.message);
  const code = error instanceof PixelVlaError ? `${error.code} ` : "";
  return dropped("model-failed", `${code}${error instanceof Error ? error.message : String(error)}`);
}
