import type { BinaryMask, RgbImage } from "@pixelvla/data";
import type { PolicyInput } from "@pixelvla/training";
import type { DrawnKind, LookAnswer, PolicyCard } from "@pixelvla/studio-contract";

/** One prediction that the policy thread is asked for. Numbers are in the dataset's units. */
export interface PolicyQuestion {
  /** Checkpoint folder. */
  readonly checkpoint: string;
  readonly image: RgbImage;
  readonly instruction: string;
  readonly state: Float32Array | undefined;
  /** `[n, A]`, the demonstrated actions from this frame on. */
  readonly actions: Float32Array | undefined;
  readonly mask: BinaryMask | undefined;
  readonly prompts: NonNullable<PolicyInput["prompts"]>;
  readonly promptKind: DrawnKind;
}

/** What it answers. */
export interface PolicyPrediction {
  readonly step: number;
  /** `[Nc][A]`. */
  readonly predicted: readonly (readonly number[])[];
  readonly l1: number | undefined;
  readonly readsState: boolean;
  readonly look: LookAnswer | undefined;
  readonly fitMs: number;
  readonly feedMs: number;
  readonly modelMs: number;
  readonly isCold: boolean;
  readonly loadMs: number;
}

/** Methods of the policy thread. */
export interface PolicyMethods {
  readonly open: (checkpoint: string) => Promise<PolicyCard>;
  readonly predict: (question: PolicyQuestion) => Promise<PolicyPrediction>;
  readonly [method: string]: (question: never) => unknown;
}
