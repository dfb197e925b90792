import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Mul",
  summary: "a * b elementwise, broadcast.",
  derivative: { a: ({ b, dy }) => apply(dy, b), b: ({ a, dy }) => apply(dy, a) },
});

export { operator as mulOperator, apply as mul };
