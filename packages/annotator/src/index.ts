// Recipes and plugins
export {
  annotationRecipeSchema,
  parseAnnotationRecipe,
  type AnnotationRecipe,
  type AnnotationSeed,
} from "./recipe/recipe.ts";
export { loadAnnotationRecipe, loadSeeds } from "./recipe/load-recipe.ts";
export {
  createAnnotatorRegistry,
  type AnnotatorPlugin,
  type AnnotatorPluginKind,
  type AnnotatorRegistry,
} from "./roles/registry.ts";
export { builtinAnnotatorRegistry, builtinGripperDetectors } from "./roles/builtins.ts";
export { openRoles, type Roles } from "./roles/open-roles.ts";
export {
  defineGripperDetector,
  type FollowedReel,
  type GripperDetector,
  type GripperDetectorPlugin,
  type GripperReel,
  type GripperSighting,
} from "./gripper/gripper-detector.ts";

// Jobs
export { annotateJob, type AnnotateOptions } from "./job/annotate-job.ts";
export { type AnnotateEvent, type AnnotateOutcome, type AnnotateTiming } from "./job/events.ts";
export { annotationJobSchema, readAnnotationJob, type AnnotationJobConfig } from "./job/job-config.ts";
export { mergeShards, type MergeOutcome } from "./job/merge-shards.ts";
export { parseRetry } from "./job/retry.ts";
export { parseShard, shardRange, type Shard } from "./job/shard.ts";
export { RESULT_FILES } from "./job/write-results.ts";
export { datasetSheet, type DatasetSheetOptions } from "./sheet/dataset-sheet.ts";

// The funnel, quality and prompts
export { CAUSES, type Cause } from "./funnel/causes.ts";
export { FunnelCounter, type Funnel, type FunnelStep } from "./funnel/funnel.ts";
export { type EpisodeHead } from "./pipeline/episode-record.ts";
export { funnelText } from "./funnel/funnel-text.ts";
export { DOUBT_TERMS, doubtOf, type Doubt, type Measured } from "./quality/doubt.ts";
export { propagateMask, type FrameMask, type Propagation } from "./propagation/propagate-mask.ts";
export { EpisodeFrames } from "./pipeline/frame-cache.ts";
export { promptsFromMask, type MaskPrompts } from "./prompts/from-mask.ts";

// Target reasoning
export {
  defineTargetReasoner,
  type TargetAnswer,
  type TargetReasoner,
  type TargetReasonerPlugin,
} from "./reasoning/target-reasoner.ts";
export { builtinReasoners, openReasoner } from "./reasoning/reasoners.ts";
