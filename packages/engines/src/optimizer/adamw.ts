import type { Segment } from "./flat-layout.ts";
import type { FlatKernels } from "./flat-kernels.ts";
import type { AdamWConfig } from "./optimizer-config.ts";

/** Flat buffers an update works on; moments are the optimizer's, in the order of `momentNames`. */
export interface UpdateBuffers {
  readonly parameters: Float32Array;
  readonly gradients: Float32Array;
  readonly moments: readonly Float32Array[];
}

/** Everything one update needs besides the buffers. */
export interface UpdateContext {
  /** 1 for the first update. */
  readonly updateCount: number;
  /** Factor on every learning rate. */
  readonly rateFactor: number;
  /** Factor on every gradient: clipping and the mean over micro-batches. */
  readonly gradientScale: number;
}

/** AdamW over flat buffers, in place, as PyTorch computes it (decoupled decay, bias-corrected moments). */
export function adamWUpdate(
  { betas: [beta1, beta2] = [0.9, 0.999], epsilon = 1e-8 }: AdamWConfig,
  parts: readonly Segment[],
  { parameters, gradients, moments }: UpdateBuffers,
  { updateCount, rateFactor, gradientScale }: UpdateContext,
  kernels: FlatKernels,
): void {
  const buffers = { parameters, gradients, first: moments[0]!, second: moments[1]! };
  for (const { start, end, learningRate, weightDecay } of parts) {
    const rate = learningRate * rateFactor;
    kernels.adamW(buffers, start, end, {
      gradientScale,
      beta1,
      beta2,
      keep: 1 - rate * weightDecay,
      stepSize: rate / (1 - Math.pow(beta1, updateCount)),
      correction2: 1 / Math.sqrt(1 - Math.pow(beta2, updateCount)),
      epsilon,
    });
  }
}
