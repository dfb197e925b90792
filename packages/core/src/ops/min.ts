import { cast } from "./cast.ts";
import { greater } from "./greater.ts";
import { lessOrEqual } from "./less-or-equal.ts";
import { mul } from "./mul.ts";
import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Min",
  summary: "Smaller of a and b, elementwise; ties give the gradient to a.",
  derivative: {
    a: ({ a, b, dy }) => mul(dy, cast(lessOrEqual(a, b), dy.dtype)),
    b: ({ a, b, dy }) => mul(dy, cast(greater(a, b), dy.dtype)),
  },
});

export { operator as minOperator, apply as min };
