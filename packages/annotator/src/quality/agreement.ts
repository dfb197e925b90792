import { maskIou } from "@pixelvla/data";
import { promptsFromMask } from "../prompts/from-mask.ts";
import type { FoundObject } from "../object/find-object.ts";
import type { EpisodeFrames } from "../pipeline/frame-cache.ts";
import type { AnnotationRecipe } from "../recipe/recipe.ts";
import type { Roles } from "../roles/open-roles.ts";

interface Context {
  readonly frames: EpisodeFrames;
  readonly recipe: AnnotationRecipe;
  readonly roles: Roles;
  readonly signal?: AbortSignal | undefined;
}

/**
 * IoU of the key mask with a second opinion: another segmenter's mask for the same box, or, without one, the same segmenter's mask
 * for seeded points inside the mask (of its candidates the one that fits best, as points are ambiguous).
 */
export async function measureAgreement(found: FoundObject, context: Context): Promise<number | undefined> {
  const { roles, frames, signal, recipe } = context;
  const segmenter = roles.agreementSegmenter ?? roles.segmenter;
  const prompt =
    roles.agreementSegmenter === undefined
      ? { points: promptsFromMask(found.mask, { points: 3, lines: 0 }, `agreement:${recipe.prompts.seed}`).points }
      : { box: found.detection.box };
  const features = await frames.features(segmenter, found.frameIndex, signal);
  const masks = await segmenter.segment(features, prompt, signal === undefined ? {} : { signal });
  const compared = roles.agreementSegmenter === undefined ? masks : masks.slice(0, 1);
  return compared.reduce<number | undefined>(
    (best, { mask }) => Math.max(best ?? 0, maskIou(mask, found.mask)),
    undefined,
  );
}
