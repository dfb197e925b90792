import type { RgbImage } from "@pixelvla/data";
import type { DatasetStatistics, ImageFit, PromptKind, SampleAnnotation } from "@pixelvla/training";

/** What clients, metrics and the doctor need to know of a policy; plain data. */
export interface PolicyInfo {
  readonly name: string;
  readonly source: string;
  readonly chunkSize: number;
  /** Actions carried out before the next query, for protocols where the server executes the chunk. */
  readonly executeSteps: number;
  readonly actionDim: number;
  /** 0: the policy reads no state. */
  readonly stateDim: number;
  /** Undefined for policies that take any image. */
  readonly image?: ImageFit;
  readonly takesPrompts: boolean;
  /** Number of weights, 0 where unknown. */
  readonly nParameters: number;
  /** Weights that no checkpoint provided. */
  readonly nRandom: number;
  readonly trainStep?: number;
  readonly statistics?: DatasetStatistics;
  readonly maxBatch: number;
}

/** One observation ready for the policy: the image oriented as in training, not yet fitted. */
export interface PolicyObservation {
  readonly image: RgbImage;
  /** `[S]` in the dataset's units. */
  readonly state: Float32Array;
  readonly instruction: string;
  /** Target object of this frame, fitted; absent without a prompt. */
  readonly annotation?: SampleAnnotation;
  /** Kind of the user's prompt, with an annotation. */
  readonly promptKind?: PromptKind;
  /** Number of the query in its episode: seeds the draws of sampling decoders. */
  readonly visit: number;
}

/** Anything the server can serve. Lives in the inference process. */
export interface ServedPolicy {
  readonly info: PolicyInfo;
  /**
   * Chunks `[Nc, A]` in the dataset's units, one for each observation.
   * @throws PVLA_ENGINE_RUN, PVLA_SERVE_CHUNK, PVLA_PROMPT_TOO_LONG
   */
  predict(observations: readonly PolicyObservation[]): Promise<readonly Float32Array[]>;
  close(): Promise<void>;
}
