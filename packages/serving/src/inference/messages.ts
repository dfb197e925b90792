import type { ServedObservation } from "../observation/read-observation.ts";
import type { PolicyInfo } from "../policy/served-policy.ts";

/** How the inference process is started; plain data. */
export interface InferenceSetup {
  readonly policy: PolicyReference;
  readonly provider: string;
  readonly threads?: number;
  readonly maxBatch?: number;
  /** Turned and cropped before anything else. */
  readonly rotate180: boolean;
  readonly centreCropArea: number;
  readonly prompts: PromptModels;
}

export type PolicyReference =
  | {
      readonly kind: "graph";
      readonly path: string;
      readonly overrides: readonly string[];
      readonly statistics?: string;
    }
  | { readonly kind: "module"; readonly path: string; readonly options: Readonly<Record<string, unknown>> };

/** Plugins that turn prompts into masks and follow them; by name, with their options. */
export interface PromptModels {
  readonly segmenter: ModelReference;
  readonly tracker: ModelReference;
  readonly modelsDir?: string;
}

export interface ModelReference {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface InferenceRequest extends ServedObservation {
  /** Requests of one session form episodes: they share the followed mask and the count of queries. */
  readonly session: string;
  /** A prompt was answered earlier in this episode: its object has to be known, or the request fails. */
  readonly followsPrompt: boolean;
}

export interface InferenceResult {
  /** `[Nc, A]` in the dataset's units. */
  readonly chunk: Float32Array;
  /** Time in the policy, shared by the requests of a batch. */
  readonly modelMs: number;
  readonly batch: number;
  /** Confidence of the followed mask in [0, 1]; absent without a prompt. */
  readonly maskScore?: number;
}

export type SentResult =
  { readonly ok: true; readonly result: InferenceResult } | { readonly ok: false; readonly error: SentFailure };

export interface SentFailure {
  readonly code: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export type ToInference =
  | { readonly type: "open"; readonly setup: InferenceSetup }
  | { readonly type: "infer"; readonly batchId: number; readonly requests: readonly InferenceRequest[] }
  | { readonly type: "forget"; readonly session: string }
  | { readonly type: "close" };

export type FromInference =
  | { readonly type: "ready"; readonly info: PolicyInfo; readonly warmUpMs: number }
  | { readonly type: "failed"; readonly error: SentFailure }
  | { readonly type: "results"; readonly batchId: number; readonly results: readonly SentResult[] };
