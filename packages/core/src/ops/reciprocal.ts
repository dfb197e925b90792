import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Reciprocal",
  summary: "1 / x.",
  derivative: (_, y, dy) => neg(mul(dy, mul(y, y))),
  flopsPerElement: 2,
});

export { operator as reciprocalOperator, apply as reciprocal };
