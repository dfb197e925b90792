import type { HostArray, Recipe } from "@pixelvla/core";
import type { CacheSetup } from "../prefix-cache/cache-setup.ts";
import type { CachedBatch } from "../prefix-cache/cached-batches.ts";
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
  /** Frames to train on. */
  readonly nFrames: number;
  /** Visits of one epoch: more than frames where first frames are visited several times. */
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

/** Feeds of one batch, or, with a prefix cache, feeds some of whose boundary values may be missing. */
export type PreparedBatch = { readonly feeds: Record<string, HostArray> } | CachedBatch;

/** Messages to the feed worker. */
export type FeedRequest = { readonly id: number } & (
  | { readonly type: "open"; readonly options: SampleStoreOptions; readonly recipe: Recipe; readonly seed: number }
  /** With `cache`, batches carry the frozen prefix's values. */
  | { readonly type: "spec"; readonly spec: BatchSpec; readonly cache: CacheSetup | undefined }
  | { readonly type: "batch"; readonly firstVisit: number; readonly count: number }
  /** Rows of the prefix cache that were computed meanwhile. */
  | { readonly type: "keep"; readonly keys: readonly string[]; readonly rows: readonly Uint8Array<ArrayBuffer>[] }
  | { readonly type: "describe"; readonly firstVisit: number; readonly count: number }
  | { readonly type: "close" }
);

/** Its answers. */
export interface FeedReply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly facts: Record<string, unknown> };
}
