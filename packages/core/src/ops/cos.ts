import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { sin } from "./sin.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Cos",
  summary: "Cosine of x in radians.",
  derivative: (x, _, dy) => neg(mul(dy, sin(x))),
  flopsPerElement: 10,
});

export { operator as cosOperator, apply as cos };
