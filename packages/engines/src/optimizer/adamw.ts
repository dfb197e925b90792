import type { Segment } from "./flat-layout.ts";
import type { AdamWConfig } from "./optimizer-config.ts";

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
  config: AdamWConfig,
  parts: readonly Segment[],
  parameters: Float32Array,
  gradients: Float32Array,
  moments: readonly Float32Array[],
  { updateCount, rateFactor, gradientScale }: UpdateContext,
): void {
  const [beta1, beta2] = config.betas ?? [0.9, 0.999];
  const epsilon = config.epsilon ?? 1e-8;
  const first = moments[0]!;
  const second = moments[1]!;
  const rest1 = 1 - beta1;
  const rest2 = 1 - beta2;
  const correction2 = 1 / Math.sqrt(1 - Math.pow(beta2, updateCount));
  for (const { start, end, learningRate, weightDecay } of parts) {
    const rate = learningRate * rateFactor;
    const keep = 1 - rate * weightDecay;
    const stepSize = rate / (1 - Math.pow(beta1, updateCount));
    for (let i = start; i < end; i++) {
      const g = gradients[i]! * gradientScale;
      const m = beta1 * first[i]! + rest1 * g;
      const v = beta2 * second[i]! + rest2 * g * g;
      first[i] = m;
      second[i] = v;
      parameters[i] = keep * parameters[i]! - (stepSize * m) / (Math.sqrt(v) * correction2 + epsilon);
    }
  }
}
