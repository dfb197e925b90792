import { adamWUpdate, type UpdateContext } from "./adamw.ts";
import type { FlatKernels } from "./flat-kernels.ts";
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

/** Flat buffers of a train session beside the gradients. */
export interface OptimizerBuffers {
  readonly parameters: Float32Array;
  /** One per name of `momentNames`. */
  readonly moments: readonly Float32Array[];
  /** Given when the config has an `emaDecay`. */
  readonly average: Float32Array | undefined;
}

/** How many buffers an optimizer keeps besides parameters and gradients. */
export function extraBuffers(config: OptimizerConfig): number {
  return momentNames(config).length + (config.emaDecay === undefined ? 0 : 1);
}

/** Host optimizer over flat buffers: clipping, schedule, update rule, moving average. */
export class Optimizer {
  readonly config: OptimizerConfig;
  readonly buffers: OptimizerBuffers;
  readonly #segments: readonly Segment[];
  readonly #kernels: FlatKernels;

  /** The average starts as the parameters. */
  constructor(config: OptimizerConfig, slots: readonly FlatSlot[], buffers: OptimizerBuffers, kernels: FlatKernels) {
    this.config = config;
    this.buffers = buffers;
    this.#segments = segments(slots, buffers.parameters.length, config);
    this.#kernels = kernels;
    buffers.average?.set(buffers.parameters);
  }

  /**
   * Updates the parameters in place. `scale` is a factor on the gradients (1 / number of micro-batches summed).
   * @returns undefined, with nothing changed, when a gradient is NaN or infinite
   */
  update(step: number, gradients: Float32Array, scale: number): UpdateReport | undefined {
    const { config, buffers } = this;
    const gradientNorm = Math.sqrt(this.#kernels.sumSquares(gradients)) * scale;
    if (!Number.isFinite(gradientNorm)) return undefined;
    const clip = config.clipNorm === undefined ? 1 : Math.min(1, config.clipNorm / (gradientNorm + 1e-6));
    const context: UpdateContext = {
      updateCount: step + 1,
      rateFactor: scheduleFactor(step, config.schedule),
      gradientScale: scale * clip,
    };
    const all = { ...buffers, gradients };
    if (config.kind === "adamw") adamWUpdate(config, this.#segments, all, context, this.#kernels);
    else sgdUpdate(config, this.#segments, all, context);
    if (buffers.average !== undefined) this.#kernels.follow(buffers.average, buffers.parameters, config.emaDecay!);
    return { gradientNorm, learningRate: config.learningRate * context.rateFactor };
  }
}
