import { t } from "../trpc.ts";
import {
  addPictureSchema,
  checkpointSchema,
  predictSchema,
  drawnMaskSchema,
  type CheckpointChoice,
  type DrawnKind,
  type PredictRequest,
  type DrawnMaskRequest,
} from "./schemas.ts";

/** A run with checkpoints that can be opened. */
export interface PolicyItem {
  readonly runId: string;
  readonly name: string;
  readonly recipe: string | undefined;
  /** Dataset it was trained on, where the workspace knows it. */
  readonly datasetId: string | undefined;
  /** Train steps of its checkpoints, oldest first. */
  readonly steps: readonly number[];
  /** ISO 8601, of the latest. */
  readonly savedAt: string;
}

/** Size of one part of a policy. */
export interface PartCost {
  readonly part: string;
  readonly nParameters: number;
  /** Operations of one prediction. */
  readonly flops: number;
}

/** An opened policy. */
export interface PolicyCard {
  readonly name: string;
  readonly step: number;
  readonly chunkSize: number;
  readonly actionDim: number;
  /** 0: it reads no state. */
  readonly stateDim: number;
  readonly image: { readonly widthPx: number; readonly heightPx: number; readonly fit: "squash" | "letterbox" };
  /** Whether a mask reaches it (pixel encoder), and whether drawn prompts do (prompt encoder). */
  readonly takesMask: boolean;
  readonly takesPrompts: boolean;
  /** Kinds of prompt it was trained with. */
  readonly promptKinds: readonly DrawnKind[];
  readonly parts: readonly PartCost[];
}

/** The mask that drawn prompts give. */
export interface DrawnMask {
  /** 8-bit grey PNG of the picture's size, base64; 255 on the object. */
  readonly maskPng: string;
  /** The segmenter's own estimate of its IoU, in [0, 1]; undefined for a brushed mask. */
  readonly score: number | undefined;
  readonly areaPx: number;
  readonly segmenter: string | undefined;
  /** Milliseconds; the picture is encoded once and kept. */
  readonly encodeMs: number;
  readonly segmentMs: number;
}

/** Where the action tokens look. */
export interface LookAnswer {
  readonly layers: readonly string[];
  /** Rows and columns of the vision tokens. */
  readonly grid: readonly [number, number];
  /** `[L][N]`: share of attention on each vision token; the rest of a row lies on text, prompts and the action tokens themselves. */
  readonly weights: readonly (readonly number[])[];
  /** Where the picture lies in the fitted image, fractions: left, top, right, bottom (0, 0, 1, 1 unless it was letterboxed). */
  readonly picture: readonly [number, number, number, number];
  /** Share of what lies on the picture that lies on tokens which the mask touches, by layer; undefined without a mask. */
  readonly onMask: readonly number[] | undefined;
}

/** One prediction. Actions are in the dataset's units: metres, radians, gripper 1 = open. */
export interface PredictAnswer {
  readonly step: number;
  readonly instruction: string;
  readonly actionNames: readonly string[];
  /** `[Nc][A]`. */
  readonly predicted: readonly (readonly number[])[];
  /** `[Nc][A]`, null past the end of the episode; undefined for a dropped picture. */
  readonly demonstrated: readonly (readonly number[] | null)[] | undefined;
  /** Mean absolute difference over the steps inside the episode, normalised to [-1, 1]. */
  readonly l1: number | undefined;
  /** Where the gripper stands, metres; undefined where the dataset does not say. */
  readonly position: readonly [number, number, number] | undefined;
  /** `episode`: the state recorded with the frame; `middle`: none is known, the middle of the training range; `none`: the policy reads none. */
  readonly state: "episode" | "middle" | "none";
  /** Undefined where the policy's graph records no attention. */
  readonly look: LookAnswer | undefined;
  /** Milliseconds: reading the picture; fitting it; tokens and tensors; the graph. `isCold`: the policy was loaded for this. */
  readonly latency: {
    readonly pictureMs: number;
    readonly fitMs: number;
    readonly feedMs: number;
    readonly modelMs: number;
    readonly isCold: boolean;
    readonly loadMs: number;
  };
}

/** What the host must provide for the room. */
export interface PlaygroundService {
  policies(): Promise<readonly PolicyItem[]>;
  open(checkpoint: CheckpointChoice): Promise<PolicyCard>;
  addPicture(
    base64: string,
  ): Promise<{ readonly pictureId: string; readonly widthPx: number; readonly heightPx: number }>;
  mask(request: DrawnMaskRequest): Promise<DrawnMask>;
  predict(request: PredictRequest): Promise<PredictAnswer>;
}

/** Procedures of the room. */
export function playgroundRouter(playground: PlaygroundService) {
  const procedure = t.procedure;
  return t.router({
    policies: procedure.query(() => playground.policies()),
    open: procedure.input(checkpointSchema).query(({ input }) => playground.open(input)),
    addPicture: procedure.input(addPictureSchema).mutation(({ input }) => playground.addPicture(input.base64)),
    mask: procedure.input(drawnMaskSchema).query(({ input }) => playground.mask(input)),
    predict: procedure.input(predictSchema).query(({ input }) => playground.predict(input)),
  });
}
