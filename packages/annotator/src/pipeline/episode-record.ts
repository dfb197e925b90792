import type { FrameAnnotation } from "@pixelvla/data";
import type { Cause } from "../funnel/causes.ts";

/** What became of one episode: everything the funnel and lists need. Plain JSON. */
export interface EpisodeHead {
  /** Place in the dataset's episode list. */
  readonly position: number;
  readonly episodeIndex: number;
  readonly split: string;
  readonly task: string;
  /** Why it was dropped; absent when it is kept. */
  readonly cause?: Cause;
  readonly detail?: string;
  readonly phrase?: string;
  readonly score?: number;
  readonly doubt?: number;
  readonly doubtReason?: string;
  readonly nFrames?: number;
  readonly nWithMask?: number;
  readonly keyFrame?: number;
  readonly outsideRegion?: boolean;
  readonly nRedetections?: number;
}

/** Annotations of a kept episode, by recorded frame. */
export interface EpisodeBody {
  readonly rawFrameIndex: readonly number[];
  readonly annotations: readonly FrameAnnotation[];
}

export interface EpisodeRecord {
  readonly head: EpisodeHead;
  /** Absent for dropped episodes. */
  readonly body?: EpisodeBody;
}
