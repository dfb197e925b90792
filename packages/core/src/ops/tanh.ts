import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Tanh",
  summary: "Hyperbolic tangent.",
  derivative: (_, y, dy) => mul(dy, sub(1, mul(y, y))),
  flopsPerElement: 10,
});

export { operator as tanhOperator, apply as tanh };
