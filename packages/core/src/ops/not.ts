import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Not",
  summary: "Logical negation of a bool tensor.",
  derivative: "not differentiable",
  flopsPerElement: 1,
});

export { operator as notOperator, apply as not };
