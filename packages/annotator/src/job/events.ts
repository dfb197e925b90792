import type { ModelTimes } from "../roles/model-clock.ts";
import type { Cause } from "../funnel/causes.ts";
import type { Funnel } from "../funnel/funnel.ts";

/** What an annotation job tells whoever watches it in the same process. */
export type AnnotateEvent =
  | {
      readonly type: "opened";
      readonly dataset: string;
      readonly run: string;
      readonly camera: string;
      readonly nEpisodes: number;
    }
  | { readonly type: "models"; readonly model: string; readonly modelVersion: string }
  | { readonly type: "resumed"; readonly nDone: number }
  /** Episodes that were dropped for these causes are annotated again. */
  | { readonly type: "retrying"; readonly nEpisodes: number; readonly causes: readonly Cause[] }
  | {
      readonly type: "reel";
      readonly reel: number;
      readonly nFound: number;
      readonly nPictures: number;
      readonly nReseeds: number;
    }
  | {
      readonly type: "progress";
      readonly nDone: number;
      readonly nAll: number;
      readonly nKept: number;
      readonly ratePerS: number | null;
      readonly etaS: number | null;
    }
  | { readonly type: "paused" }
  | { readonly type: "message"; readonly text: string };

/** What a job came to. */
export interface AnnotateOutcome {
  readonly dir: string;
  readonly state: "done" | "stopped";
  readonly run: string;
  /** Folder of the annotations; null for a shard, whose annotations are written by the merge. */
  readonly sidecar: string | null;
  /** Episodes left as a person has them. */
  readonly nProtected: number;
  readonly funnel: Funnel;
  readonly timing: AnnotateTiming;
}

/** Where the time of this process went. */
export interface AnnotateTiming {
  readonly wallS: number;
  /** Time with at least one model at work. */
  readonly modelsS: number;
  /** Share of the wall time outside the models, 0..1. */
  readonly outsideShare: number;
  readonly nEpisodes: number;
  readonly nFrames: number;
  readonly framesPerS: number;
  readonly calls: ModelTimes["calls"];
}
