import { mul } from "./mul.ts";
import { sigmoid } from "./sigmoid.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Softplus",
  summary: "log(1 + exp(x)).",
  derivative: (x, _, dy) => mul(dy, sigmoid(x)),
  flopsPerElement: 10,
});

export { operator as softplusOperator, apply as softplus };
