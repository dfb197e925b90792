/** What a training run reports while it works. The truth is in the job directory; these are for a live view. */
export type TrainEvent =
  | {
      readonly type: "opened";
      readonly dataset: string;
      readonly nEpisodes: number;
      readonly nFrames: number;
      /** Mean L1 of the best constant prediction over the training frames, normalised. */
      readonly baselineL1: number;
      readonly damage: readonly string[];
    }
  | {
      readonly type: "built";
      readonly stage: string;
      readonly parameters: number;
      readonly trainableParameters: number;
      readonly forwardFlops: number;
      readonly backwardFlops: number;
      readonly peakActivationBytes: number;
    }
  | { readonly type: "resumed"; readonly step: number }
  | {
      readonly type: "step";
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      /** Mean of the L1 (of the loss, where there is none) over the last epoch (at most 100 steps). */
      readonly recentLoss: number;
      /** Whether the decoder reports an L1: `recentLoss` compares with the best constant prediction's. */
      readonly isL1: boolean;
      readonly learningRate: number;
      readonly msPerStep: number;
      readonly etaS: number | null;
    }
  /** The recent training L1 fell below half of the best constant prediction's for the first time. */
  | {
      readonly type: "halved";
      readonly step: number;
      readonly workedS: number;
      readonly l1: number;
      readonly baselineL1: number;
    }
  | { readonly type: "checkpoint"; readonly step: number; readonly dir: string }
  | {
      readonly type: "evaluated";
      readonly step: number;
      readonly split: string;
      readonly loss: number;
      readonly best: number;
    }
  | { readonly type: "paused"; readonly step: number }
  | { readonly type: "message"; readonly text: string };

/** How a run ended. */
export interface TrainOutcome {
  readonly dir: string;
  readonly state: "done" | "stopped";
  readonly step: number;
  readonly workedS: number;
  /** L1 over the training frames with the final weights; undefined when stopped early or the decoder reports none. */
  readonly trainL1: number | undefined;
  readonly baselineL1: number;
}
