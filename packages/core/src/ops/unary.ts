import { emitOne, type Graph } from "../graph/graph.ts";
import { isFloat, type DType } from "../graph/dtype.ts";
import { defineOperator, operatorMismatch, type Operator } from "../graph/operator.ts";
import type { Tensor } from "../graph/tensor.ts";

/** Derivative of an elementwise function: from input, output and output gradient to the input gradient. */
export type UnaryDerivative = (x: Tensor, y: Tensor, dy: Tensor) => Tensor;

interface UnaryOptions {
  readonly name: string;
  readonly summary: string;
  readonly derivative: UnaryDerivative | "not differentiable";
  /** Operations per element, for the cost model. */
  readonly flopsPerElement?: number;
  readonly result?: DType;
}

/** Declares an elementwise operator of one input and gives the function that applies it. */
export function defineUnary(options: UnaryOptions): { operator: Operator; apply: (x: Tensor) => Tensor } {
  const { derivative } = options;
  const operator = defineOperator({
    name: options.name,
    summary: options.summary,
    attributes: {},
    infer([x]) {
      if (x === undefined) throw operatorMismatch("no input", "one tensor");
      const boolean = options.name === "Not";
      if (
        boolean !== (x.dtype === "bool") ||
        (!boolean && !isFloat(x.dtype) && !["Abs", "Neg", "Sign"].includes(options.name))
      ) {
        throw operatorMismatch(
          `elements of type ${x.dtype}`,
          boolean ? "bool" : "a float type",
          "Cast the input first",
        );
      }
      return [{ dtype: options.result ?? x.dtype, shape: x.shape }];
    },
    gradient:
      derivative === "not differentiable"
        ? derivative
        : ({ inputs, outputs, outputGradients }) => [derivative(inputs[0]!, outputs[0]!, outputGradients[0]!)],
    flops: (_, outputs) => outputs[0]!.shape.reduce((a, b) => a * b, options.flopsPerElement ?? 1),
  });
  return { operator, apply: (x) => emitOne(operator, [x]) };
}

/** A tensor or a number, as accepted wherever a scalar may stand for a tensor. */
export type TensorLike = Tensor | number;

/** The tensor itself, or the number as a scalar of the other operand's type. */
export function toTensor(value: TensorLike, graph: Graph, dtype: DType): Tensor {
  if (typeof value !== "number") return value;
  return graph.scalar(value, dtype === "int64" ? "int64" : dtype === "float64" ? "float64" : "float32");
}
