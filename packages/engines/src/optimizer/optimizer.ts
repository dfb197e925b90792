import { adamWUpdate, type UpdateContext } from "./adamw.ts";
import { segments, type FlatSlot, type Segment } from "./flat-layout.ts";
import type { OptimizerConfig } from "./optimizer-config.ts";
import { scheduleFactor } from "./schedule.ts";
import { sgdUpdate } from "./sgd.ts";

/** Names of the moment buffers each optimizer keeps. */
export function momentNames(config: OptimizerConfig): readonly string[] {
  if (config.kind === "adamw") return ["first", "second"];
  return (config.momentum ?? 0) === 0 ? [] : ["velocity"];
}

/** What one update did. */
export interface UpdateReport {
  /** L2 norm of all gradients before clipping. */
  readonly gradientNorm: number;
  /** Default group's learning rate of this update. */
  readonly learningRate: number;
}

/** Host optimizer over flat buffers: clipping, schedule, update rule, moving average. Owns moments and average. */
export class Optimizer {
  readonly config: OptimizerConfig;
  readonly moments: readonly Float32Array[];
  readonly average: Float32Array | undefined;
  readonly #segments: readonly Segment[];
  readonly #parameters: Float32Array;

  constructor(config: OptimizerConfig, slots: readonly FlatSlot[], parameters: Float32Array) {
    this.config = config;
    this.#parameters = parameters;
    this.#segments = segments(slots, parameters.length, config);
    this.moments = momentNames(config).map(() => new Float32Array(parameters.length));
    this.average = config.emaDecay === undefined ? undefined : parameters.slice();
  }

  /**
   * Updates the parameters in place. `scale` is a factor on the gradients (1 / number of micro-batches summed).
   * @returns undefined, with nothing changed, when a gradient is NaN or infinite
   */
  update(step: number, gradients: Float32Array, scale: number): UpdateReport | undefined {
    const { config } = this;
    const gradientNorm = l2Norm(gradients) * scale;
    if (!Number.isFinite(gradientNorm)) return undefined;
    const clip = config.clipNorm === undefined ? 1 : Math.min(1, config.clipNorm / (gradientNorm + 1e-6));
    const context: UpdateContext = {
      updateCount: step + 1,
      rateFactor: scheduleFactor(step, config.schedule),
      gradientScale: scale * clip,
    };
    if (config.kind === "adamw") {
      adamWUpdate(config, this.#segments, this.#parameters, gradients, this.moments, context);
    } else {
      sgdUpdate(config, this.#segments, this.#parameters, gradients, this.moments, context);
    }
    if (this.average !== undefined) follow(this.average, this.#parameters, config.emaDecay!);
    return { gradientNorm, learningRate: config.learningRate * context.rateFactor };
  }
}

function l2Norm(values: Float32Array): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  // Four independent sums: the additions of one would wait for each other. Lengths are multiples of 16.
  for (let i = 0; i + 3 < values.length; i += 4) {
    sum0 += values[i]! * values[i]!;
    sum1 += values[i + 1]! * values[i + 1]!;
    sum2 += values[i + 2]! * values[i + 2]!;
    sum3 += values[i + 3]! * values[i + 3]!;
  }
  return Math.sqrt(sum0 + sum1 + sum2 + sum3);
}

function follow(average: Float32Array, parameters: Float32Array, decay: number): void {
  for (let i = 0; i < average.length; i++) average[i] = decay * average[i]! + (1 - decay) * parameters[i]!;
}
