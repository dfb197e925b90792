import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Sigmoid",
  summary: "1 / (1 + exp(-x)).",
  derivative: (_, y, dy) => mul(dy, mul(y, sub(1, y))),
  flopsPerElement: 10,
});

export { operator as sigmoidOperator, apply as sigmoid };
