import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Sign",
  summary: "-1, 0 or 1.",
  derivative: "not differentiable",
  flopsPerElement: 1,
});

export { operator as signOperator, apply as sign };
