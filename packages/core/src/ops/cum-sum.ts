import { defineOperator, operatorMismatch } from "../graph/operator.ts";
import { normaliseAxis } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";

export const cumSumOperator = defineOperator<{ axis: number; exclusive: number; reverse: number }>({
  name: "CumSum",
  summary: "Running sum along one axis.",
  attributes: { axis: "none", exclusive: "int", reverse: "int" },
  infer([x], { axis }) {
    if (x === undefined || normaliseAxis(axis, x.shape.length) === undefined)
      throw operatorMismatch(`axis ${axis}`, "an axis of the input");
    return [x];
  },
  gradient: ({ outputGradients, attributes: { axis, exclusive, reverse } }) => [
    cumSum(outputGradients[0]!, axis, { exclusive: exclusive === 1, reverse: reverse === 0 }),
  ],
  constantInputs: ({ axis }) => [{ dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(axis)) }],
});

/** Running sum along `axis`; `exclusive` leaves out the element itself, `reverse` runs from the end. */
export function cumSum(x: Tensor, axis: number, options: { exclusive?: boolean; reverse?: boolean } = {}): Tensor {
  const attributes = {
    axis: axis < 0 ? axis + x.rank : axis,
    exclusive: options.exclusive === true ? 1 : 0,
    reverse: options.reverse === true ? 1 : 0,
  };
  return x.graph.emit(cumSumOperator, [x], attributes)[0]!;
}
