import type { RolloutOptions, TaskName } from "@pixelvla/bench";
import type { RunConfig } from "@pixelvla/training";

/** One piece of a sweep's work: a job directory below `cells/`, and what must be done before it can begin. */
export type SweepTask = TrainTask | EvaluateTask;

interface TaskCommon {
  /** Folder name below `cells/`. */
  readonly id: string;
  readonly needs: readonly string[];
}

/** A training run: the base, or one stage of an arm. */
export interface TrainTask extends TaskCommon {
  readonly kind: "train";
  /** `training.init` is set when it begins: to the folder of the run it needs. */
  readonly config: RunConfig;
  /** Task whose weights it starts from; undefined for the config's own. */
  readonly initFrom: string | undefined;
}

/** Episodes of one policy. */
export interface EvaluateTask extends TaskCommon {
  readonly kind: "evaluate";
  /** Task whose checkpoint plays, or a checkpoint by name or folder. */
  readonly policy: { readonly task: string } | { readonly init: string };
  readonly options: Omit<RolloutOptions, "onStep">;
  readonly embodiment: "widowx" | "google-robot";
  readonly tasks: readonly TaskName[];
  /** Layouts of each variant. */
  readonly variants: readonly { readonly name: string; readonly episodes: number }[];
  readonly firstSeed: number;
}

/** What a line of the report is made of. */
export interface PlannedCell {
  readonly family: string;
  readonly arm: string;
  readonly evaluation: string;
  /** Training seed; undefined for an arm that is the base itself. */
  readonly seed: number | undefined;
  /** The evaluation's task. */
  readonly task: string;
}

/** All work of a sweep, in an order in which it can be done. */
export interface SweepPlan {
  readonly tasks: readonly SweepTask[];
  readonly cells: readonly PlannedCell[];
}
