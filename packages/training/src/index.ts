// Recipes
export { checkRecipe, loadRecipe, type TrainingRecipe } from "./recipe/load-recipe.ts";
export { builtinRegistry } from "./recipe/registry.ts";
export {
  describeRecipe,
  recipeDifferences,
  type RecipeDescription,
  type RecipeDifference,
} from "./recipe/describe-recipe.ts";
export { recipeText, type RecipeText } from "./recipe/tokenizer.ts";
export { trainingOptionsSchema, type TrainingOptions } from "./training-options.ts";
export { STAGE_NAMES, stageOf, trainableParameters, type Stage, type StageName } from "./train/stages.ts";

// Runs
export { readRunConfig, runConfigSchema, type RunConfig } from "./train/run-config.ts";
export { trainRun, type TrainRunOptions } from "./train/train-run.ts";
export { type TrainEvent, type TrainOutcome } from "./train/events.ts";
export { buildTraining, optimizerConfig, type BuiltTraining } from "./train/build-program.ts";

// Checkpoints and prediction
export { exportAdapter, type ExportedAdapter } from "./checkpoint/export-adapter.ts";
export { findCheckpoint } from "./checkpoint/find-checkpoint.ts";
export { readFloatTensors, writeFloatTensors, type FloatTensor } from "./checkpoint/float-tensors.ts";
export { CHECKPOINT_FILES, readPolicyWeights, readTrainCheckpoint } from "./checkpoint/train-checkpoint.ts";
export { RunPolicy, type ChunkOptions, type Look, type RunPolicyOptions } from "./policy/run-policy.ts";
export { policySample, type PolicyInput } from "./policy/policy-sample.ts";
export { bindBase, matchWeights } from "./train/initial-weights.ts";
export { predictFrame, type PredictOptions, type Prediction } from "./predict/predict-run.ts";

// Starting from a checkpoint, and shipping one
export { findInit, shippedBases } from "./init/find-init.ts";
export { type InitProvenance } from "./init/load-init.ts";
export { matchInit, type InitReport } from "./init/match-init.ts";
export { BASE_DTYPES, exportBase, type ExportBaseOptions, type ExportedBase } from "./init/export-base.ts";

// The doctor
export { examineRun, type ExamineOptions } from "./doctor/examine-run.ts";
export { type Examination } from "./doctor/examination.ts";
export { doctorText, refuseFailures, type DoctorFinding, type DoctorReport } from "./doctor/report.ts";
export { gpuStates, type GpuState } from "./device/nvidia-smi.ts";

// Samples
export { assembleBatch, type BatchSpec } from "./samples/batch.ts";
export { batchSpec } from "./samples/for-recipe.ts";
export { fitImage, type ImageFit } from "./samples/fit-image.ts";
export { type Sample } from "./samples/sample-store.ts";
export {
  fitMask,
  linePoints,
  pointMapper,
  PROMPT_KINDS,
  type PromptKind,
  type PromptPoint,
  type SampleAnnotation,
} from "./samples/visual-prompts.ts";
export {
  datasetStatisticsSchema,
  normaliseRow,
  unnormaliseRow,
  type DatasetStatistics,
  type DimensionStatistics,
} from "./samples/statistics.ts";
