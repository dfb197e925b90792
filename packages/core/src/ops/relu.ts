import { cast } from "./cast.ts";
import { greater } from "./greater.ts";
import { mul } from "./mul.ts";
import { defineUnary } from "./unary.ts";

const { operator, apply } = defineUnary({
  name: "Relu",
  summary: "max(x, 0); the derivative at 0 is 0.",
  derivative: (x, _, dy) => mul(dy, cast(greater(x, 0), dy.dtype)),
  flopsPerElement: 1,
});

export { operator as reluOperator, apply as relu };
