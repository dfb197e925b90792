import type { ProgressUpdate } from "../../terminal/progress.ts";
import type { MainPaths, MainPlan } from "./plan.ts";

/** What a step of the main job works with. */
export interface StepContext {
  readonly plan: MainPlan;
  readonly paths: MainPaths;
  readonly signal: AbortSignal;
  /** Shows progress within the step. */
  readonly progress: (update: ProgressUpdate) => void;
  /** A line that stays, on the terminal and in the job's log. */
  readonly line: (text: string) => void;
}

/** Facts of a finished step that the report shows, one sentence each. */
export type StepFacts = readonly string[];

/** One step. It may be called again after an interruption and then goes on where it stopped. */
export interface MainStep {
  readonly name: string;
  readonly title: string;
  /** Seconds on two cores, for the time left before anything was measured. */
  readonly plannedS: (plan: MainPlan) => number;
  /** Folder without which a finished step is done again. */
  readonly artefact: (paths: MainPaths) => string;
  /** @throws PVLA_* ; an abort through the signal may end it in any way */
  readonly run: (context: StepContext) => Promise<StepFacts>;
}
