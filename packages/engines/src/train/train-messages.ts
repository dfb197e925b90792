import type { HostArray } from "@pixelvla/core";
import type { SessionModel, SessionSettings } from "../onnxruntime/ort-session.ts";
import type { FlatSlot } from "../optimizer/flat-layout.ts";
import type { OptimizerConfig } from "../optimizer/optimizer-config.ts";

/** What the worker is opened with. */
export interface TrainWorkerSetup {
  readonly model: SessionModel;
  readonly settings: SessionSettings;
  readonly slots: readonly FlatSlot[];
  /** Flat parameters; handed over. */
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly optimizer: OptimizerConfig;
}

export interface StepRequest {
  readonly feeds: Readonly<Record<string, HostArray>>;
  /** Micro-batches in the feeds. */
  readonly count: number;
  /** Inputs that hold one micro-batch per repeat; the others are the same for all. */
  readonly split: readonly string[];
}

/** What one train step reports. */
export interface StepReport {
  /** Train steps done, this one included. */
  readonly step: number;
  readonly loss: number;
  /** The program's further scalar outputs; means over micro-batches. */
  readonly metrics: Readonly<Record<string, number>>;
  /** L2 norm of all gradients before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Duration of the whole step in the worker, and of the optimizer alone. */
  readonly durationMs: number;
  readonly optimizerMs: number;
}
