import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "LessOrEqual",
  summary: "Whether a<=b, elementwise, as bool.",
  result: "bool",
  derivative: "not differentiable",
});

export { operator as lessOrEqualOperator, apply as lessOrEqual };
