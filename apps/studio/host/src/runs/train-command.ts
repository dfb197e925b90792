/** Changes to a recipe by dotted path. */
export type Overrides = Readonly<Record<string, string | number | boolean>>;

/** What a training run is started from. */
export interface TrainRequest {
  readonly recipeFile: string;
  readonly dataset: string | undefined;
  readonly jobDir: string;
  readonly overrides: Overrides;
}

/**
 * Arguments of `pixelvla train` for a job directory. They go to the program as a list, never through a shell, and every value is quoted
 * as YAML, so that a text stays one text whatever it holds.
 */
export function trainArguments({ recipeFile, dataset, jobDir, overrides }: TrainRequest): string[] {
  const changes = Object.entries(overrides).map(([path, value]) => `--set=${path}=${JSON.stringify(value)}`);
  return ["train", recipeFile, ...(dataset === undefined ? [] : [`--data=${dataset}`]), `--job=${jobDir}`, ...changes];
}

/** Arguments that go on with the run in `jobDir` from its last checkpoint. */
export function resumeArguments(jobDir: string): string[] {
  return ["train", `--job=${jobDir}`, "--resume"];
}
