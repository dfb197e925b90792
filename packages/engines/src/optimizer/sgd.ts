import type { UpdateBuffers, UpdateContext } from "./adamw.ts";
import type { Segment } from "./flat-layout.ts";
import type { SgdConfig } from "./optimizer-config.ts";

/** SGD with momentum over flat buffers, in place, as PyTorch computes it (dampening 0; the first velocity is the gradient). */
export function sgdUpdate(
  config: SgdConfig,
  parts: readonly Segment[],
  { parameters, gradients, moments }: UpdateBuffers,
  { rateFactor, gradientScale }: UpdateContext,
): void {
  const { momentum = 0, nesterov = false } = config;
  const velocity = moments[0];
  for (const { start, end, learningRate, weightDecay } of parts) {
    const rate = learningRate * rateFactor;
    for (let i = start; i < end; i++) {
      const p = parameters[i]!;
      const g = gradients[i]! * gradientScale + weightDecay * p;
      if (velocity === undefined) {
        parameters[i] = p - rate * g;
        continue;
      }
      const v = momentum * velocity[i]! + g;
      velocity[i] = v;
      parameters[i] = p - rate * (nesterov ? g + momentum * v : v);
    }
  }
}
