import { expand } from "./expand.ts";
import { defineReduction, keptShape } from "./reduction.ts";
import { reshape } from "./reshape.ts";

const { operator, apply } = defineReduction({
  name: "ReduceSum",
  summary: "Sum over axes.",
  gradient: ({ inputs, outputGradients, attributes }) => {
    const x = inputs[0]!;
    return [expand(reshape(outputGradients[0]!, keptShape(x, attributes)), x.shape)];
  },
});

export { operator as reduceSumOperator, apply as reduceSum };
