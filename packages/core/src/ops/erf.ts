import { exp } from "./exp.ts";
import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Erf",
  summary: "Gauss error function.",
  derivative: (x, _, dy) => mul(dy, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
  flopsPerElement: 12,
});

export { operator as erfOperator, apply as erf };
