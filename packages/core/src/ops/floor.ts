import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Floor",
  summary: "Largest whole number not above x.",
  derivative: "not differentiable",
  flopsPerElement: 1,
});

export { operator as floorOperator, apply as floor };
