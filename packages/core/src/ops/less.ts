import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Less",
  summary: "Whether a<b, elementwise, as bool.",
  result: "bool",
  derivative: "not differentiable",
});

export { operator as lessOperator, apply as less };
