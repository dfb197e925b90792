import type { Dataset, Episode } from "@pixelvla/data";
import type { TrainingRecipe } from "../recipe/load-recipe.ts";
import type { BuiltTraining } from "../train/build-program.ts";
import type { DatasetStatistics } from "../samples/statistics.ts";
import type { DoctorFinding } from "./report.ts";

/** What the checks of the training half look at. */
export interface Examination {
  readonly recipe: TrainingRecipe;
  /** Opened with `onDamage: "skip"`, on the split the run reads. */
  readonly dataset: Dataset;
  readonly datasetPath: string;
  /** A few episodes, evenly spread. */
  readonly episodes: readonly Episode[];
  /** Undefined where the parts do not fit; that is a finding of its own. */
  readonly built: BuiltTraining | undefined;
  /** The checkpoint of `training.init`. */
  readonly init: StartingPoint | undefined;
  /** Statistics the run will normalise with: the init's, or of the episodes looked at. */
  readonly statistics: DatasetStatistics;
}

/** What is known of the checkpoint a run starts from, without reading a weight. */
export interface StartingPoint {
  readonly dir: string;
  readonly statistics: DatasetStatistics;
  /** Its recipe as it was saved, unchecked: it may be of an older version. */
  readonly document: {
    readonly image?: { readonly width: number; readonly height: number; readonly fit?: string };
    readonly text?: { readonly plainTemplate?: string };
  };
}

/** A finding of the training half. */
export const finding = (
  name: string,
  verdict: DoctorFinding["verdict"],
  reason: string,
  fix?: string,
): DoctorFinding => ({ half: "training", name, verdict, reason, ...(fix === undefined ? {} : { fix }) });
