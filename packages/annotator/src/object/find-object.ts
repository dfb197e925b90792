import { maskArea, type BinaryMask, type PixelBox } from "@pixelvla/data";
import type { Detection, MaskCandidate } from "@pixelvla/segmenters";
import { dropped, isDropped, type Dropped } from "../funnel/causes.ts";
import type { EpisodeFrames } from "../pipeline/frame-cache.ts";
import type { AnnotationRecipe } from "../recipe/recipe.ts";
import type { Roles } from "../roles/open-roles.ts";

/** What to look for, and where. */
export interface ObjectQuery {
  readonly frames: EpisodeFrames;
  /** Frames in which to look; the earlier in the list wins a tie. */
  readonly frameIndices: readonly number[];
  /** The phrase, then its alternatives. */
  readonly phrases: readonly string[];
  readonly region: PixelBox | undefined;
  /** The gripper at its first close, where it was found: of several things that fit the phrase, the one it closes on is meant. */
  readonly gripper?: PixelBox | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The target in its key frame. */
export interface FoundObject {
  readonly frameIndex: number;
  readonly mask: BinaryMask;
  readonly detection: Detection;
  readonly maskScore: number;
  /** Geometric mean of detector and mask score. */
  readonly score: number;
  /** Whether the region proposal was given up for the whole frame. */
  readonly outsideRegion: boolean;
}

/**
 * Detection inside the proposal, segmentation of the best detections, and of all masks the most confident.
 *
 * Source: PixelVLA, annotation stage 2 (Grounding DINO in the proposal, SAM, highest-confidence mask kept, failures filtered).
 * Paper silent: in which frames; here in those of `detection.frames`. And which of two like objects inside the proposal is meant;
 * here confidence counts the less, the farther a find lies from the gripper (`region.falloff`).
 */
export async function findObject(
  query: ObjectQuery,
  recipe: AnnotationRecipe,
  roles: Roles,
): Promise<FoundObject | Dropped> {
  const inRegion = await bestObject(query, recipe, roles);
  const isMissed = isDropped(inRegion) && inRegion.cause === "not-found";
  if (!isMissed || query.region === undefined || recipe.region.mode !== "gripper-or-full") return inRegion;
  const anywhere = await bestObject({ ...query, region: undefined }, recipe, roles);
  return isDropped(anywhere) ? anywhere : { ...anywhere, outsideRegion: true };
}

async function bestObject(query: ObjectQuery, recipe: AnnotationRecipe, roles: Roles): Promise<FoundObject | Dropped> {
  const { detection, segmentation, region } = recipe;
  const near = (box: PixelBox) => (query.gripper === undefined ? 1 : nearness(box, query.gripper, region.falloff));
  let best: FoundObject | undefined;
  let bestWorth = -1;
  let nearest: Dropped = dropped("not-found", `no "${query.phrases[0]}" ${where(query)}`);
  for (const frameIndex of new Set(query.frameIndices)) {
    const image = await query.frames.read(frameIndex);
    const found = await roles.objectDetector.detect(image, query.phrases, {
      threshold: detection.threshold,
      ...(query.region !== undefined && { region: query.region }),
      ...(query.signal !== undefined && { signal: query.signal }),
    });
    for (const candidate of found.filter(({ score }) => score >= detection.threshold).slice(0, detection.candidates)) {
      const weight = near(candidate.box);
      if (weight * Math.sqrt(candidate.score) <= bestWorth) continue; // no mask could make it the best
      const mask = await segmentBox(query, roles, frameIndex, candidate.box);
      const outcome = judge(mask, candidate, frameIndex, segmentation);
      if (isDropped(outcome)) nearest = outcome;
      else if (weight * outcome.score > bestWorth) [best, bestWorth] = [outcome, weight * outcome.score];
    }
  }
  return best ?? nearest;
}

/** 1 for a box whose centre lies inside the gripper's, then falling by e with every `falloff` gripper sizes. */
export function nearness(box: PixelBox, gripper: PixelBox, falloff: number): number {
  const beyond = (at: number, low: number, high: number) => Math.max(low - at, 0, at - high);
  const dx = beyond((box.x0 + box.x1) / 2, gripper.x0, gripper.x1);
  const dy = beyond((box.y0 + box.y1) / 2, gripper.y0, gripper.y1);
  const size = Math.max(1, Math.min(gripper.x1 - gripper.x0, gripper.y1 - gripper.y0));
  return Math.exp(-Math.hypot(dx, dy) / size / falloff);
}

/** The segmenter's best mask for a box. */
export async function segmentBox(
  { frames, signal }: Pick<ObjectQuery, "frames" | "signal">,
  { segmenter }: Pick<Roles, "segmenter">,
  frameIndex: number,
  box: PixelBox,
): Promise<MaskCandidate> {
  const features = await frames.features(segmenter, frameIndex, signal);
  const masks = await segmenter.segment(features, { box }, signal === undefined ? {} : { signal });
  return masks.reduce((best, mask) => (mask.score > best.score ? mask : best));
}

function judge(
  { mask, score: maskScore }: MaskCandidate,
  detection: Detection,
  frameIndex: number,
  { minScore, minArea, maxArea }: AnnotationRecipe["segmentation"],
): FoundObject | Dropped {
  const area = maskArea(mask);
  const share = area / mask.data.length;
  const score = Math.sqrt(clamp(detection.score) * clamp(maskScore));
  const name = `"${detection.label}" in frame ${frameIndex}`;
  if (area === 0) return dropped("empty-mask", `${name}: no pixel`);
  if (share < minArea || share > maxArea)
    return dropped(
      "mask-size",
      `${name}: ${(100 * share).toFixed(2)} % of the image, needs ${100 * minArea} to ${100 * maxArea} %`,
    );
  if (score < minScore)
    return dropped(
      "low-confidence",
      `${name}: detector ${detection.score.toFixed(2)}, mask ${maskScore.toFixed(2)}, together ${score.toFixed(2)}, needs ${minScore}`,
    );
  return { frameIndex, mask, detection, maskScore: clamp(maskScore), score, outsideRegion: false };
}

const clamp = (score: number) => (Number.isFinite(score) ? Math.min(1, Math.max(0, score)) : 0);

const where = ({ region, frameIndices }: ObjectQuery) =>
  `in ${region === undefined ? "the full frame" : "the region proposal"} of frame ${[...new Set(frameIndices)].join(", ")}`;
