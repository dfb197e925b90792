import { defineBinary } from "./binary.ts";

const { operator, apply } = defineBinary({
  name: "Add",
  summary: "a + b, broadcast.",
  derivative: { a: ({ dy }) => dy, b: ({ dy }) => dy },
});

export { operator as addOperator, apply as add };
