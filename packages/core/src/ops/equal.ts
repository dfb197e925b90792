import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Equal",
  summary: "Whether a=b, elementwise, as bool.",
  result: "bool",
  derivative: "not differentiable",
});

export { operator as equalOperator, apply as equal };
