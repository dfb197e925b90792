import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Neg",
  summary: "-x.",
  derivative: (_x, _y, dy) => apply(dy),
  flopsPerElement: 1,
});

export { operator as negOperator, apply as neg };
