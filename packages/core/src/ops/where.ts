import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { broadcastShapes, formatShape } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { toTensor, type TensorLike } from "./unary.ts";
import { unbroadcast } from "./unbroadcast.ts";

export const whereOperator = defineOperator({
  name: "Where",
  summary: "a where the condition holds, else b; all three broadcast.",
  attributes: {},
  infer([condition, a, b]) {
    if (condition?.dtype !== "bool")
      throw operatorMismatch(`a condition of type ${condition?.dtype ?? "none"}`, "bool");
    if (a === undefined || a.dtype !== b?.dtype)
      throw operatorMismatch(`types ${a?.dtype ?? "none"} and ${b?.dtype ?? "none"}`, "equal types");
    const values = broadcastShapes(a.shape, b.shape);
    const shape = values === undefined ? undefined : broadcastShapes(condition.shape, values);
    if (shape === undefined) {
      throw operatorMismatch(
        `shapes ${[condition, a, b].map((t) => formatShape(t.shape)).join(", ")}`,
        "shapes that broadcast",
      );
    }
    return [{ dtype: a.dtype, shape }];
  },
  gradient: ({ inputs, outputGradients, needs }) => {
    const [condition, a, b] = inputs as [Tensor, Tensor, Tensor];
    const dy = outputGradients[0]!;
    return [
      undefined,
      needs(1) ? unbroadcast(where(condition, dy, 0), a.shape) : undefined,
      needs(2) ? unbroadcast(where(condition, 0, dy), b.shape) : undefined,
    ];
  },
});

/** `a` where `condition` holds, else `b`; a number stands for a scalar of the other's type. */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  const { graph } = condition;
  const dtype = typeof a === "number" ? (typeof b === "number" ? "float32" : b.dtype) : a.dtype;
  return graph.emit(whereOperator, [condition, toTensor(a, graph, dtype), toTensor(b, graph, dtype)])[0]!;
}
