import { expand } from "./expand.ts";
import { mul } from "./mul.ts";
import { defineReduction, keptShape, reducedCount } from "./reduction.ts";
import { reshape } from "./reshape.ts";

const { operator, apply } = defineReduction({
  name: "ReduceMean",
  summary: "Mean over axes.",
  gradient: ({ inputs, outputGradients, attributes }) => {
    const x = inputs[0]!;
    const share = mul(outputGradients[0]!, 1 / reducedCount(x, attributes));
    return [expand(reshape(share, keptShape(x, attributes)), x.shape)];
  },
});

export { operator as reduceMeanOperator, apply as reduceMean };
