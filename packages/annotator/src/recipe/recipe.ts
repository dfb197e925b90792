import { parseConfig, pluginReference } from "@pixelvla/core";
import { z } from "zod";

const share = z.number().min(0).max(1);
const box = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** What a person said about one episode before the run: where the gripper is, or when it closes. */
export const seedSchema = z.strictObject({
  episode: z.int().nonnegative().describe("Episode index in the dataset"),
  frame: z.int().nonnegative().optional().describe("Recorded frame of `gripper`; default: the close frame"),
  gripper: box.optional().describe("Box of the gripper, [x0, y0, x1, y1] in pixels"),
  close: z
    .int()
    .nonnegative()
    .optional()
    .describe("Recorded frame of the first grasp, for data without a gripper signal"),
});

/** An annotation recipe: which models in which roles, and every threshold. Defaults live here and nowhere else. */
export const annotationRecipeSchema = z.strictObject({
  version: z.literal(1).default(1).describe("Version of this document's form"),
  kind: z.literal("annotation").default("annotation").describe("Tells annotation recipes from policy recipes"),
  name: z.string().min(1).describe("Name of the recipe, kept with every annotation job"),
  description: z.string().default("").describe("What this recipe is, in a sentence"),
  cameras: z
    .array(z.string())
    .default([])
    .describe("Cameras in order of preference: the first the dataset has is annotated; empty: its primary camera"),
  roles: z
    .strictObject({
      gripperDetector: pluginReference
        .nullable()
        .describe("Follows the gripper through the close frames; null only with region.mode full"),
      targetReasoner: pluginReference.describe("Names the object to grasp"),
      objectDetector: pluginReference.describe("Finds what the phrase names"),
      segmenter: pluginReference.describe("Box to mask"),
      agreementSegmenter: pluginReference
        .nullable()
        .default(null)
        .describe("Second opinion on the mask; null: the segmenter is asked again with seeded points"),
      tracker: pluginReference
        .nullable()
        .describe("Carries the mask through the episode; null: only the key frame is annotated"),
    })
    .describe("The models"),
  region: z
    .strictObject({
      mode: z
        .enum(["gripper", "gripper-or-full", "full"])
        .default("gripper")
        .describe(
          "Where the target is sought: around the gripper; there, else in the full frame (counted); always in the full frame",
        ),
      scale: z.number().positive().default(3).describe("Side of the proposal in gripper sizes"),
      minSide: share.default(0.3).describe("Least side of the proposal, as a share of the image's shorter side"),
      shiftDown: z
        .number()
        .default(0.25)
        .describe("Centre of the proposal below the gripper's, in gripper heights: jaws point down"),
      falloff: z
        .number()
        .positive()
        .default(1)
        .describe(
          "Of several finds the nearer to the gripper is preferred: each this many gripper sizes away, confidence counts a factor e less",
        ),
      minGripperScore: share.default(0.3).describe("A gripper less certain than this counts as not found"),
      reelEpisodes: z.int().positive().default(64).describe("Close frames followed as one discrete video"),
    })
    .prefault({})
    .describe("Stage 1: gripper-aware region proposal"),
  target: z
    .strictObject({
      minConfidence: share.default(0.5).describe("Answers less certain than this are dropped"),
      mustAppear: z
        .boolean()
        .default(true)
        .describe("Drop targets whose noun is not in the instruction: a language model made them up"),
    })
    .prefault({})
    .describe("Stage 2: target reasoning"),
  detection: z
    .strictObject({
      threshold: share.default(0.25).describe("Least detector score"),
      frames: z
        .array(z.enum(["first", "before-close", "close"]))
        .min(1)
        .default(["first", "before-close", "close"])
        .describe("Frames in which the target is sought; the most confident find becomes the key frame"),
      beforeCloseFrames: z.int().positive().default(5).describe("How many frames before the close `before-close` is"),
      candidates: z.int().positive().default(3).describe("Detections of a frame that are segmented"),
    })
    .prefault({})
    .describe("Stage 2: detection"),
  segmentation: z
    .strictObject({
      minScore: share.default(0.3).describe("Least combined score, the geometric mean of detector and mask score"),
      minArea: share.default(0.0003).describe("Least mask area as a share of the image"),
      maxArea: share.default(0.4).describe("Greatest mask area as a share of the image"),
    })
    .prefault({})
    .describe("Stage 2: segmentation"),
  propagation: z
    .strictObject({
      lostBelow: share.default(0.4).describe("A tracked mask less certain than this is dropped: the object is lost"),
      redetectEvery: z
        .int()
        .positive()
        .default(3)
        .describe("While lost, the detector looks again every so many frames"),
      maxRedetections: z.int().nonnegative().default(4).describe("At most so many times an episode"),
      maxAreaChange: z
        .number()
        .min(1)
        .default(3)
        .describe("A found-again mask, or one of a tracker's box, may be at most so many times larger or smaller"),
      minBoxFit: share
        .default(0.5)
        .describe("Least IoU of a tracker's box with that of the mask the segmenter gives for it"),
      minLikeness: share
        .default(0.5)
        .describe(
          "Least likeness of colours to the key mask's, for found-again masks and those of a tracker's box: what covers the object is not it",
        ),
      minFrames: share
        .default(0.2)
        .describe("Least share of an episode's frames with a mask; episodes below are dropped"),
    })
    .prefault({})
    .describe("The key mask through the episode"),
  prompts: z
    .strictObject({
      points: z.int().nonnegative().default(3).describe("Points drawn in each mask"),
      lines: z.int().nonnegative().default(1).describe("Lines drawn in each mask"),
      seed: z.int().default(0).describe("Seed of the drawing; with episode and frame it fixes every point"),
    })
    .prefault({})
    .describe("Visual prompts from the mask; the box is always that of its contour"),
  limits: z
    .strictObject({
      loadAhead: z.int().positive().default(8).describe("Episodes read and reasoned about ahead of the models"),
      episodesAtOnce: z.int().positive().default(2).describe("Episodes in the models at once"),
      featureFrames: z.int().positive().default(32).describe("Frames of an episode whose encoder features are kept"),
      failuresInARow: z
        .int()
        .positive()
        .default(10)
        .describe("Episodes that may fail for a broken model in a row before the job gives up"),
    })
    .prefault({})
    .describe("How much work is in flight"),
  seeds: z.array(seedSchema).default([]).describe("What a person said beforehand (--seeds FILE adds to it)"),
});

export type AnnotationRecipe = z.output<typeof annotationRecipeSchema>;
export type AnnotationSeed = z.output<typeof seedSchema>;

/** Checks a recipe document, also what the schema alone cannot say. @throws PVLA_CONFIG */
export function parseAnnotationRecipe(document: unknown, place?: string): AnnotationRecipe {
  return parseConfig(checked, document, "Reading annotation recipe", place);
}

const checked = annotationRecipeSchema.check(({ value, issues }) => {
  if (value.roles.gripperDetector === null && value.region.mode !== "full")
    issues.push({
      code: "custom",
      path: ["roles", "gripperDetector"],
      message: `region.mode "${value.region.mode}" needs one; without it set region.mode to full`,
      input: value,
    });
  if (value.segmentation.minArea >= value.segmentation.maxArea)
    issues.push({ code: "custom", path: ["segmentation", "minArea"], message: "must be below maxArea", input: value });
});
