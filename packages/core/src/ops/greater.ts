import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Greater",
  summary: "Whether a>b, elementwise, as bool.",
  result: "bool",
  derivative: "not differentiable",
});

export { operator as greaterOperator, apply as greater };
