import type { Recipe } from "@pixelvla/core";
import type { BatchSpec } from "./batch.ts";
import type { SampleStoreOptions } from "./sample-store.ts";
import type { DatasetStatistics } from "./statistics.ts";

/** What is known once the dataset is open. */
export interface FeedInfo {
  readonly dataset: string;
  readonly version: string;
  /** Changes when the dataset's episodes, actions or instructions do. */
  readonly fingerprint: string;
  readonly camera: string;
  readonly nEpisodes: number;
  readonly nSamples: number;
  readonly statistics: DatasetStatistics;
  /** Mean L1 of the best constant prediction, normalised. */
  readonly baselineL1: number;
  /** Sentences about what was skipped. */
  readonly damage: readonly string[];
}

/** Names a sample in messages and reports. */
export interface SampleName {
  readonly episodeIndex: number;
  readonly frameIndex: number;
  readonly instruction: string;
}

/** Messages to the feed worker. */
export type FeedRequest = { readonly id: number } & (
  | { readonly type: "open"; readonly options: SampleStoreOptions; readonly recipe: Recipe; readonly seed: number }
  | { readonly type: "spec"; readonly spec: BatchSpec }
  | { readonly type: "batch"; readonly firstVisit: number; readonly count: number }
  | { readonly type: "describe"; readonly firstVisit: number; readonly count: number }
  | { readonly type: "close" }
);

/** Its answers. */
export interface FeedReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly facts: Record<string, unknown> };
}
