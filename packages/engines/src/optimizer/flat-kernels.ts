/** Constants of one AdamW update, the same for every element of a segment. */
export interface AdamWConstants {
  /** Factor on the gradient. */
  readonly gradientScale: number;
  readonly beta1: number;
  readonly beta2: number;
  /** 1 - learning rate * weight decay. */
  readonly keep: number;
  /** Learning rate / (1 - beta1^t). */
  readonly stepSize: number;
  /** 1 / sqrt(1 - beta2^t). */
  readonly correction2: number;
  readonly epsilon: number;
}

/** The passes over flat buffers that a train step makes. Ranges are multiples of 16 elements. */
export interface FlatKernels {
  /** target += source. */
  accumulate(target: Float32Array, source: Float32Array): void;
  /** Sum of squares; NaN or infinite when an element is. */
  sumSquares(values: Float32Array): number;
  /** average = decay * average + (1 - decay) * values. */
  follow(average: Float32Array, values: Float32Array, decay: number): void;
  /** One AdamW update of elements [start, end). */
  adamW(
    buffers: { parameters: Float32Array; gradients: Float32Array; first: Float32Array; second: Float32Array },
    start: number,
    end: number,
    constants: AdamWConstants,
  ): void;
}

/** The passes as plain loops, for buffers beyond WebAssembly's 4 GiB; the reference for the vectorised ones. */
export const scalarKernels: FlatKernels = {
  accumulate(target, source) {
    for (let i = 0; i < target.length; i++) target[i] = target[i]! + source[i]!;
  },
  sumSquares(values) {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
    return sum;
  },
  follow(average, values, decay) {
    for (let i = 0; i < average.length; i++) average[i] = decay * average[i]! + (1 - decay) * values[i]!;
  },
  adamW({ parameters, gradients, first, second }, start, end, constants) {
    const { gradientScale, beta1, beta2, keep, stepSize, correction2, epsilon } = constants;
    for (let i = start; i < end; i++) {
      const g = gradients[i]! * gradientScale;
      const m = beta1 * first[i]! + (1 - beta1) * g;
      const v = beta2 * second[i]! + (1 - beta2) * g * g;
      first[i] = m;
      second[i] = v;
      parameters[i] = keep * parameters[i]! - (stepSize * m) / (Math.sqrt(v) * correction2 + epsilon);
    }
  },
};
