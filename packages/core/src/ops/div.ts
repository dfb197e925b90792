import { mul } from "./mul.ts";
import { neg } from "./neg.ts";
import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Div",
  summary: "a / b elementwise, broadcast.",
  derivative: { a: ({ b, dy }) => apply(dy, b), b: ({ b, y, dy }) => neg(apply(mul(dy, y), b)) },
});

export { operator as divOperator, apply as div };
