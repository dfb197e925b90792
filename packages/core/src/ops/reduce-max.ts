import { cast } from "./cast.ts";
import { div } from "./div.ts";
import { equal } from "./equal.ts";
import { mul } from "./mul.ts";
import { reduceSum } from "./reduce-sum.ts";
import { defineReduction, keptShape } from "./reduction.ts";
import { reshape } from "./reshape.ts";

const { operator, apply } = defineReduction({
  name: "ReduceMax",
  summary: "Largest element over axes; ties share the gradient equally.",
  gradient: ({ inputs, outputs, outputGradients, attributes }) => {
    const x = inputs[0]!;
    const kept = keptShape(x, attributes);
    const winners = cast(equal(x, reshape(outputs[0]!, kept)), x.dtype);
    const share = div(reshape(outputGradients[0]!, kept), reduceSum(winners, attributes.axes, true));
    return [mul(winners, share)];
  },
});

export { operator as reduceMaxOperator, apply as reduceMax };
