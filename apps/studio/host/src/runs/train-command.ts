import type { RunKind } from "@pixelvla/studio-contract";

/** Changes to a recipe by dotted path. */
export type Overrides = Readonly<Record<string, string | number | boolean>>;

/** What a training run is started from. */
export interface TrainRequest {
  readonly recipeFile: string;
  readonly dataset: string;
  readonly jobDir: string;
  readonly overrides: Overrides;
  /** The run examines itself once more and keeps the report; a failed check then does not stop it. */
  readonly launchOverFail: boolean;
}

/** `path=value` for each change, every value quoted as YAML, so that a text stays one text whatever it holds. */
export const overrideList = (overrides: Overrides): string[] =>
  Object.entries(overrides).map(([path, value]) => `${path}=${JSON.stringify(value)}`);

/** Arguments of `pixelvla train` for a new run in `jobDir`. They go to the program as a list, never through a shell. */
export function trainArguments({ recipeFile, dataset, jobDir, overrides, launchOverFail }: TrainRequest): string[] {
  const changes = overrideList(overrides).map((change) => `--set=${change}`);
  const over = launchOverFail ? ["--launch-over-fail"] : [];
  return ["train", recipeFile, `--dataset=${dataset}`, `--run=${jobDir}`, ...over, ...changes];
}

/** Arguments that go on with the job in `jobDir`: a training from its last checkpoint, an evaluation or sweep with what is missing. */
export function resumeArguments(jobDir: string, kind: Exclude<RunKind, "annotate"> = "train"): string[] {
  switch (kind) {
    case "train":
      return ["train", "--resume", `--run=${jobDir}`];
    case "bench":
      return ["bench", "run", "--resume", `--out=${jobDir}`];
    case "sweep":
      return ["sweep", "resume", jobDir];
  }
}
