import { pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** A recipe file cannot be read or is no YAML. */
export const unreadableRecipe = (file: string, problem: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_RECIPE_FILE",
    { doing: "Reading recipe", found: problem, fix: `The file is ${file}` },
    { file },
    cause,
  );

/** `--set` with something that is no `key=value`. */
export const badOverride = (text: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_OVERRIDE",
    { doing: `Applying --set ${text}`, found: "no key and value", needed: "key.path=value, e.g. training.steps=400" },
    { text },
  );

/** A tokenizer name that nothing provides. */
export const unknownTokenizer = (recipe: string, name: string, available: readonly string[]): PixelVlaError =>
  pixelVlaError(
    "PVLA_UNKNOWN_TOKENIZER",
    {
      doing: `Reading recipe "${recipe}"`,
      found: `no tokenizer is named "${name}"`,
      fix: `Available: ${available.join(", ")}`,
    },
    { name, available },
  );

/** The recipe's tokenizer file is not there. */
export const tokenizerNotFound = (recipe: string, file: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_TOKENIZER_NOT_FOUND",
    {
      doing: `Reading recipe "${recipe}"`,
      found: `no ${file}`,
      fix: "Set backbone.tokenizer.options.path to the checkpoint's folder, which holds tokenizer.json",
    },
    { file },
  );

/** A stage and a policy that do not go together. */
export const stageMismatch = (recipe: string, stage: string, found: string, fix: string): PixelVlaError =>
  pixelVlaError("PVLA_STAGE", { doing: `Preparing ${stage} of "${recipe}"`, found, fix }, { recipe, stage });

/** The dataset gives nothing to train on. */
export const noSamples = (dataset: string, needsMasks: boolean): PixelVlaError =>
  pixelVlaError(
    "PVLA_NO_SAMPLES",
    {
      doing: "Opening the dataset for training",
      found: needsMasks ? "no episode whose target object has a mask" : "no frame in it",
      fix: needsMasks
        ? `Annotate it first, or train without pixel parts: ${dataset}`
        : `Choose another split or folder: ${dataset}`,
    },
    { dataset },
  );

/** Widths of actions or states differ between recipe and dataset. */
export const dimensionMismatch = (
  recipe: string,
  what: string,
  found: number,
  needed: number,
  key: string,
): PixelVlaError =>
  pixelVlaError(
    "PVLA_INCOMPATIBLE",
    {
      doing: `Training "${recipe}"`,
      found: `the dataset's ${what} has ${found} dimensions and the recipe's ${needed}`,
      fix: `Set ${key} to ${found}`,
    },
    { what, found, needed },
  );

/** The dataset has no camera of that name. */
export const unknownCamera = (
  dataset: string,
  camera: string | undefined,
  available: readonly string[],
): PixelVlaError =>
  pixelVlaError(
    "PVLA_CAMERA",
    {
      doing: "Opening the dataset for training",
      found: camera === undefined ? "no camera is marked as the third-person one" : `no camera is named "${camera}"`,
      fix: `Set training.data.camera to one of: ${available.join(", ") || "none"} (${dataset})`,
    },
    { camera, available },
  );

/** The loss or a gradient is not a number: says which batch. */
export const nanLoss = (
  facts: { step: number; samples: readonly string[]; parameters: readonly string[]; keptStep: number | undefined },
  cause: unknown,
): PixelVlaError =>
  pixelVlaError(
    "PVLA_NONFINITE",
    {
      doing: `Train step ${facts.step}`,
      found: `the loss or a gradient is NaN or infinite for the batch of ${facts.samples.slice(0, 8).join(", ")}${
        facts.samples.length > 8 ? ` and ${facts.samples.length - 8} more` : ""
      }`,
      fix: `${
        facts.keptStep === undefined
          ? "No checkpoint was written yet"
          : `The checkpoint of train step ${facts.keptStep} is kept`
      }. Lower optimizer.learningRate, or look at those frames; results/bad-batch.json lists them all`,
    },
    facts,
    cause,
  );

/** A run is resumed over other data or another recipe than it began with. */
export const resumeMismatch = (what: string, before: string, now: string, dir: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_RESUME",
    {
      doing: "Resuming the run",
      found: `${what} is ${now} and was ${before} when it began`,
      fix: `Bring it back, or start a new run: ${dir}`,
    },
    { what, before, now },
  );

/** The worker that prepares batches ended or failed in a way it could not explain. */
export const feedCrashed = (reason: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_FEED_CRASHED",
    { doing: "Preparing batches", found: reason, fix: "Start again with --resume" },
    {},
    cause,
  );

/** A checkpoint lacks a weight or has it in another shape. */
export const weightMismatch = (name: string, found: string, needed: string, dir: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_WEIGHTS",
    {
      doing: "Loading weights",
      found: `${name} is ${found}`,
      needed,
      fix: `The checkpoint belongs to another recipe: ${dir}`,
    },
    { name },
  );

/** `training.init` names nothing to start from. */
export const unknownInit = (
  init: string,
  isFolder: boolean,
  bases: readonly string[],
  nearest: string | undefined,
): PixelVlaError =>
  pixelVlaError(
    "PVLA_INIT",
    {
      doing: `Starting from "${init}"`,
      found: isFolder
        ? "the folder is neither a run nor a checkpoint of one"
        : "there is no such folder and no shipped base of that name",
      fix: `${nearest === undefined ? "" : `Did you mean "${nearest}"? `}Set training.init (or --from) to a run directory, a checkpoint folder or a base: ${bases.join(", ") || "none ships"}`,
    },
    { init, bases },
  );

/** No tensor of the checkpoint matches a parameter of the policy. */
export const nothingLoaded = (init: string, recipe: string, nTensors: number, dir: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_INIT",
    {
      doing: `Starting from "${init}"`,
      found: `none of the ${nTensors} tensors of "${recipe}" has the name and shape of a weight of this policy`,
      fix: `The checkpoint belongs to another policy: ${dir}. Choose one trained with the same parts and widths`,
    },
    { init, recipe },
  );

/** A weight that half precision cannot hold. */
export const baseOverflow = (tensor: string, largest: number): PixelVlaError =>
  pixelVlaError(
    "PVLA_BASE",
    {
      doing: "Writing a base checkpoint",
      found: `${tensor} holds ${largest.toPrecision(3)}, beyond float16's 65504`,
      fix: "Use --dtype bfloat16",
    },
    { tensor, largest },
  );

/** A file that should be the result of an evaluation. */
export const badBaseEvaluation = (file: string, cause: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_BASE",
    {
      doing: `Reading the evaluation ${file}`,
      found: "it cannot be read, or is not what bench run writes",
      fix: "Give the results.json in the folder that bench run --out named",
    },
    { file },
    cause,
  );

/** A run whose adapter is wanted and that has none. */
export const noAdapter = (run: string, found: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_ADAPTER",
    {
      doing: `Writing the adapter of ${run}`,
      found,
      fix: "Train with backbone.lora in a stage that trains it (training.stage=stage2), or export the whole policy",
    },
    { run },
  );

/** A base checkpoint that is too large to keep in a repository. */
export const baseTooLarge = (run: string, bytes: number, maxBytes: number, dtype: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_BASE",
    {
      doing: "Writing a base checkpoint",
      found: `its weights come to ${(bytes / 1e6).toFixed(1)} MB in ${dtype}`,
      needed: `at most ${(maxBytes / 1e6).toFixed(1)} MB`,
      fix: `Allow more with --max-mb, or train a smaller policy: ${run}`,
    },
    { bytes, maxBytes },
  );

/** `training.data.statistics: init` without an init. */
export const statisticsWithoutInit = (): PixelVlaError =>
  pixelVlaError("PVLA_CONFIG", {
    doing: "Reading recipe",
    found: "training.data.statistics is init and training.init is not set",
    fix: "Set training.init to the checkpoint whose statistics are kept, or training.data.statistics to dataset",
  });

/** The doctor found something that would ruin the run. */
export const doctorFails = (recipe: string, reasons: readonly string[]): PixelVlaError =>
  pixelVlaError(
    "PVLA_DOCTOR",
    {
      doing: `Launching "${recipe}"`,
      found: `the doctor fails it: ${reasons.join(" ")}`,
      fix: "Mend that, or launch over it with --launch-over-fail",
    },
    { recipe, reasons },
  );

/** A folder that is no training run. */
export const notARun = (dir: string, problem: string): PixelVlaError =>
  pixelVlaError("PVLA_RUN", { doing: "Opening a training run", found: problem, fix: `The folder is ${dir}` }, { dir });

/** A frame number outside the episode. */
export const frameOutOfRange = (episodeIndex: number, frameIndex: number, nFrames: number): PixelVlaError =>
  pixelVlaError(
    "PVLA_FRAME",
    {
      doing: `Reading frame ${frameIndex} of episode ${episodeIndex}`,
      found: `the episode has ${nFrames} frames`,
      needed: `a frame from 0 to ${nFrames - 1}`,
    },
    { episodeIndex, frameIndex, nFrames },
  );
