import { div } from "./div.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Log",
  summary: "Natural logarithm of x > 0.",
  derivative: (x, _, dy) => div(dy, x),
  flopsPerElement: 8,
});

export { operator as logOperator, apply as log };
