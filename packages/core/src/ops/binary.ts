import type { DType } from "../graph/dtype.ts";
import { defineOperator, operatorMismatch, type Operator } from "../graph/operator.ts";
import { broadcastShapes, formatShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toTensor, type TensorLike } from "./unary.ts";
import { unbroadcast } from "./unbroadcast.ts";

/** What a derivative rule of two broadcast operands gets: operands, output, output gradient. */
export interface BinaryDerivativeContext {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly y: Tensor;
  readonly dy: Tensor;
}

interface BinaryOptions {
  readonly name: string;
  readonly summary: string;
  /** Type of the elements of the result; that of the operands if absent. */
  readonly result?: DType;
  /** Type the operands must have, if only one is allowed. */
  readonly operands?: DType;
  /** Gradients before broadcasting is undone; each is only called when needed. */
  readonly derivative:
    { a(context: BinaryDerivativeContext): Tensor; b(context: BinaryDerivativeContext): Tensor } | "not differentiable";
}

/** Declares an elementwise operator of two broadcast operands and gives the function that applies it. */
export function defineBinary(options: BinaryOptions): {
  operator: Operator;
  apply: (a: TensorLike, b: TensorLike) => Tensor;
} {
  const { derivative } = options;
  const operator = defineOperator({
    name: options.name,
    summary: options.summary,
    attributes: {},
    infer([a, b]) {
      if (a === undefined || b === undefined) throw operatorMismatch("a missing operand", "two tensors");
      if (a.dtype !== b.dtype)
        throw operatorMismatch(`types ${a.dtype} and ${b.dtype}`, "equal types", "Cast one of them");
      if (options.operands !== undefined && a.dtype !== options.operands) {
        throw operatorMismatch(`elements of type ${a.dtype}`, options.operands, "Cast the operands first");
      }
      const shape = broadcastShapes(a.shape, b.shape);
      if (shape === undefined) {
        throw operatorMismatch(`shapes ${formatShape(a.shape)} and ${formatShape(b.shape)}`, "shapes that broadcast");
      }
      return [{ dtype: options.result ?? a.dtype, shape }];
    },
    gradient:
      derivative === "not differentiable"
        ? derivative
        : ({ inputs, outputs, outputGradients, needs }) => {
            const context = { a: inputs[0]!, b: inputs[1]!, y: outputs[0]!, dy: outputGradients[0]! };
            return [
              needs(0) ? unbroadcast(derivative.a(context), context.a.shape) : undefined,
              needs(1) ? unbroadcast(derivative.b(context), context.b.shape) : undefined,
            ];
          },
  });
  const apply = (a: TensorLike, b: TensorLike): Tensor => {
    const reference = typeof a === "number" ? b : a;
    if (typeof reference === "number") throw new Error(`internal: ${options.name} of two numbers`);
    const { graph, dtype } = reference;
    return graph.emit(operator, [toTensor(a, graph, dtype), toTensor(b, graph, dtype)])[0]!;
  };
  return { operator, apply };
}
