import { mul } from "./mul.ts";
import { sign } from "./sign.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Abs",
  summary: "Absolute value; the derivative at 0 is 0.",
  derivative: (x, _, dy) => mul(dy, sign(x)),
  flopsPerElement: 1,
});

export { operator as absOperator, apply as abs };
