import { div } from "./div.ts";
import { mul } from "./mul.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Sqrt",
  summary: "Square root of x > 0.",
  derivative: (_, y, dy) => div(mul(dy, 0.5), y),
  flopsPerElement: 4,
});

export { operator as sqrtOperator, apply as sqrt };
