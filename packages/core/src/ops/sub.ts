import { neg } from "./neg.ts";
import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Sub",
  summary: "a - b, broadcast.",
  derivative: { a: ({ dy }) => dy, b: ({ dy }) => neg(dy) },
});

export { operator as subOperator, apply as sub };
