import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** A job that annotated a split numbers its episodes otherwise than the whole dataset. */
export const splitNotReviewable = (job: string, split: string): PixelVlaError =>
  pixelVlaError("PVLA_STUDIO_STORE", {
    doing: `Opening the annotations of ${job}`,
    found: `they are of the split ${JSON.stringify(split)} only, whose episodes are numbered by themselves`,
    fix: "Convert it with `pixelvla data convert` and review the pixel dataset",
  });

/** A job that has not written any annotation yet. */
export const storeIsEmpty = (job: string): PixelVlaError =>
  pixelVlaError("PVLA_STUDIO_STORE", {
    doing: `Opening the annotations of ${job}`,
    found: "none is written yet",
    fix: "Wait until the job has annotated its first episodes",
  });

/** An episode that the store does not hold. */
export const notInStore = (episodeIndex: number): PixelVlaError =>
  pixelVlaError("PVLA_STUDIO_STORE", {
    doing: `Opening the annotations of episode ${episodeIndex}`,
    found: "this store holds none of it: the pipeline dropped it, or the list is old",
    fix: "Choose an episode of the queue",
  });

/** A mask or frame that does not belong to the episode. */
export const badFix = (episodeIndex: number, found: string, needed: string): PixelVlaError =>
  pixelVlaError("PVLA_STUDIO_FIX", { doing: `Fixing the masks of episode ${episodeIndex}`, found, needed });

/** The thread of the segmenter ended or took too long. */
export const segmenterGone = (reason: string): PixelVlaError =>
  pixelVlaError("PVLA_STUDIO_SEGMENTER", {
    doing: "Asking the segmenter",
    found: reason,
    fix: "Try again: it is started anew. Nothing that was saved is lost",
  });

/** Masks can only be measured against masks of the same frames. */
export const differentDatasets = (own: string, gold: string): PixelVlaError =>
  pixelVlaError("PVLA_STUDIO_STORE", {
    doing: "Measuring against a gold set",
    found: `the annotations are of ${own}, the gold set is of ${gold}`,
    needed: "two of the same dataset",
  });

/** What is asked of a set of annotations that no job made. */
export const notOfAJob = (name: string): PixelVlaError =>
  pixelVlaError("PVLA_STUDIO_STORE", {
    doing: `Watching the job of ${name}`,
    found: "no job of this workspace made these annotations",
    fix: "Launch one on the dataset",
  });
