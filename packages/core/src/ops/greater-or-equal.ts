import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "GreaterOrEqual",
  summary: "Whether a>=b, elementwise, as bool.",
  result: "bool",
  derivative: "not differentiable",
});

export { operator as greaterOrEqualOperator, apply as greaterOrEqual };
