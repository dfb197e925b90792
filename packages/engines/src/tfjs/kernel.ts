import type { Attributes, TensorType } from "@pixelvla/core";
import type { Tensor } from "@tensorflow/tfjs-core";

/** One application of an operator, with its values at hand. */
export interface KernelCall {
  /** `undefined` stands for an omitted optional input. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly inputTypes: readonly (TensorType | undefined)[];
  readonly outputTypes: readonly TensorType[];
  readonly attributes: Attributes;
}

/**
 * How tfjs computes one operator of core. Element types narrow to what tfjs has: int64 and small integers are int32,
 * every float is float32. Runs inside `tf.tidy`, so intermediate tensors free themselves.
 */
export interface Kernel {
  /** ONNX operator name. */
  readonly operator: string;
  run(call: KernelCall): Tensor | readonly Tensor[];
}

/** A kernel of one required input. */
export function unaryKernel(operator: string, apply: (x: Tensor) => Tensor): Kernel {
  return { operator, run: ({ inputs }) => apply(inputs[0]!) };
}

/** A kernel of two required inputs that broadcast. */
export function binaryKernel(operator: string, apply: (a: Tensor, b: Tensor) => Tensor): Kernel {
  return { operator, run: ({ inputs }) => apply(inputs[0]!, inputs[1]!) };
}

/** A reduction: axes and whether they are kept come from the attributes. */
export function reductionKernel(
  operator: string,
  apply: (x: Tensor, axes: number[], keepDims: boolean) => Tensor,
): Kernel {
  return {
    operator,
    run({ inputs, attributes }) {
      const axes = attributes["axes"] as readonly number[];
      const x = inputs[0]!;
      return apply(x, axes.length === 0 ? [...x.shape.keys()] : [...axes], attributes["keepdims"] === 1);
    },
  };
}
