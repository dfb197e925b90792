import { log } from "./log.ts";
import { mul } from "./mul.ts";
import { sub } from "./sub.ts";
import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Pow",
  summary: "a to the power of b, elementwise; gradients flow to both for a > 0.",
  derivative: {
    a: ({ a, b, dy }) => mul(dy, mul(b, apply(a, sub(b, 1)))),
    b: ({ a, y, dy }) => mul(dy, mul(y, log(a))),
  },
});

export { operator as powOperator, apply as pow };
