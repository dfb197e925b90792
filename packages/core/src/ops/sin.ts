import { cos } from "./cos.ts";
import { mul } from "./mul.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Sin",
  summary: "Sine of x in radians.",
  derivative: (x, _, dy) => mul(dy, cos(x)),
  flopsPerElement: 10,
});

export { operator as sinOperator, apply as sin };
