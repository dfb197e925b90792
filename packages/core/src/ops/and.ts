import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "And",
  summary: "Logical and of bool tensors, broadcast.",
  operands: "bool",
  result: "bool",
  derivative: "not differentiable",
});

export { operator as andOperator, apply as and };
