/** Learning rate over train steps; a factor on every group's rate. */
export interface ScheduleConfig {
  /** `cosine` falls from 1 to `finalFactor` at `totalSteps`; `linear` does so in a straight line. */
  readonly kind: "constant" | "cosine" | "linear";
  /** Steps over which the factor rises in a straight line from 1 / warmupSteps to 1. Default 0. */
  readonly warmupSteps?: number;
  /** Steps of the whole run, warm-up included; needed except for `constant`. */
  readonly totalSteps?: number;
  /** Default 0. */
  readonly finalFactor?: number;
}

/** Parameters that differ from the rest. */
export interface ParameterGroup {
  /** Full parameter names. */
  readonly parameters: readonly string[];
  readonly learningRate?: number;
  readonly weightDecay?: number;
}

interface CommonConfig {
  readonly learningRate: number;
  /** Decoupled for AdamW, added to the gradient for SGD, as in PyTorch. Default 0. */
  readonly weightDecay?: number;
  readonly groups?: readonly ParameterGroup[];
  readonly schedule?: ScheduleConfig;
  /** Scales all gradients down together when their joint L2 norm exceeds this. */
  readonly clipNorm?: number;
  /** Keeps an exponential moving average of the parameters: average = decay * average + (1 - decay) * parameter. */
  readonly emaDecay?: number;
}

export interface AdamWConfig extends CommonConfig {
  readonly kind: "adamw";
  /** Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly epsilon?: number;
}

export interface SgdConfig extends CommonConfig {
  readonly kind: "sgd";
  /** Default 0. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

/** What a train session's optimizer does; plain data. */
export type OptimizerConfig = AdamWConfig | SgdConfig;
