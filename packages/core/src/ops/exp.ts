import { mul } from "./mul.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Exp",
  summary: "e to the power of x.",
  derivative: (_, y, dy) => mul(dy, y),
  flopsPerElement: 8,
});

export { operator as expOperator, apply as exp };
