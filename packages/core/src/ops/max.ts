import { cast } from "./cast.ts";
import { greaterOrEqual } from "./greater-or-equal.ts";
import { less } from "./less.ts";
import { mul } from "./mul.ts";
import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Max",
  summary: "Larger of a and b, elementwise; ties give the gradient to a.",
  derivative: {
    a: ({ a, b, dy }) => mul(dy, cast(greaterOrEqual(a, b), dy.dtype)),
    b: ({ a, b, dy }) => mul(dy, cast(less(a, b), dy.dtype)),
  },
});

export { operator as maxOperator, apply as max };
