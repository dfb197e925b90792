import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Or",
  summary: "Logical or of bool tensors, broadcast.",
  operands: "bool",
  result: "bool",
  derivative: "not differentiable",
});

export { operator as orOperator, apply as or };
