import { nearestName, pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** An annotation recipe cannot be read or is no YAML. */
export const unreadableRecipe = (file: string, problem: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_RECIPE_FILE",
    { doing: "Reading annotation recipe", found: problem, fix: `The file is ${file}` },
    { file },
    cause,
  );

/** `--set` with something that is no `key=value`. */
export const badOverride = (text: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_OVERRIDE",
    { doing: `Applying --set ${text}`, found: "no key and value", needed: "key.path=value, e.g. keep.minScore=0.4" },
    { text },
  );

const KIND_WORDS: Readonly<Record<string, string>> = {
  gripperDetector: "gripper detector",
  objectDetector: "object detector",
};

/** A role names a plugin that nobody provides. */
export function unknownRole(role: string, kind: string, name: string, available: readonly string[]): PixelVlaError {
  const near = nearestName(name, available);
  const list = available.length === 0 ? "none is registered" : `Available: ${[...available].sort().join(", ")}`;
  return pixelVlaError(
    "PVLA_UNKNOWN_PLUGIN",
    {
      doing: `Opening the role ${role}`,
      found: `no ${KIND_WORDS[kind] ?? kind} is named "${name}"`,
      fix: `${near === undefined ? "" : `Did you mean "${near}"? `}${list}`,
    },
    { kind, name, available },
  );
}

export const duplicatePlugin = (kind: string, name: string): PixelVlaError =>
  pixelVlaError("PVLA_DUPLICATE_PLUGIN", {
    doing: "Registering plugins",
    found: `two ${KIND_WORDS[kind] ?? kind} plugins are named "${name}"`,
    fix: "Rename one of them",
  });

/** None of the recipe's cameras is in the dataset. */
export const noCamera = (dataset: string, wanted: readonly string[], found: readonly string[]): PixelVlaError =>
  pixelVlaError(
    "PVLA_ANNOTATE_CAMERA",
    {
      doing: `Annotating ${dataset}`,
      found: wanted.length === 0 ? "no camera in it" : `none of the recipe's cameras ${wanted.join(", ")}`,
      ...(found.length > 0 && { needed: `one of ${found.join(", ")}` }),
      fix: "Set cameras in the recipe",
    },
    { dataset, wanted, found },
  );

/** Models fail for one episode after another: going on would only count. */
export const modelsKeepFailing = (times: number, last: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_ANNOTATE_FAILING",
    {
      doing: "Annotating",
      found: `${times} episodes in a row failed, the last with: ${last instanceof Error ? last.message : String(last)}`,
      fix: "Mend the cause and run the same command again: nothing done so far is lost (limits.failuresInARow sets when to give up)",
    },
    { times },
    last,
  );

/** A line of a job's journal that is not the last makes no sense. */
export const damagedJournal = (file: string, line: number, problem: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_ANNOTATE_JOURNAL",
    {
      doing: "Reading the job's journal",
      found: `line ${line} ${problem}`,
      fix: `Cut the file before that line to have the episodes from there on annotated again: ${file}`,
    },
    { file, line },
  );

/** `--shard` of no use. */
export const badShard = (text: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_ARGUMENTS",
    { doing: "Reading the command line", found: `--shard is "${text}"`, needed: "i/n with 1 <= i <= n, e.g. 2/8" },
    { text },
  );

/** `--retry` with something that is no cause. */
export const badRetry = (name: string, known: readonly string[], near: string | undefined): PixelVlaError =>
  pixelVlaError(
    "PVLA_ARGUMENTS",
    {
      doing: "Reading the command line",
      found: `--retry names "${name}"`,
      needed: `all, or some of ${known.join(", ")}`,
      ...(near !== undefined && { fix: `Did you mean "${near}"?` }),
    },
    { name },
  );

/** Shards that do not make up one run. */
export const shardsDoNotFit = (found: string, needed: string): PixelVlaError =>
  pixelVlaError("PVLA_ANNOTATE_SHARDS", {
    doing: "Merging annotation shards",
    found,
    needed,
    fix: "Name the job directories of all shards of one run, each finished",
  });

/** A folder that holds no annotation job. */
export const notAnAnnotationJob = (dir: string, cause?: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_ANNOTATE_NO_JOB",
    {
      doing: "Reading an annotation job",
      found: "no annotation job in the folder",
      fix: `Make one with "pixelvla annotate DATASET --out DIR": ${dir}`,
    },
    { dir },
    cause,
  );

/** A job directory belongs to another dataset or shard. */
export const otherJob = (dir: string, found: string, needed: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_ANNOTATE_OTHER_JOB",
    {
      doing: "Opening the annotation job",
      found: `it is for ${found}`,
      needed,
      fix: `Choose another --out than ${dir}`,
    },
    { dir },
  );
