import { expect, test } from "vitest";
import { Graph } from "../graph/graph.ts";
import { mul } from "../ops/mul.ts";
import { reduceSum } from "../ops/reduce-sum.ts";
import { slice } from "../ops/slice.ts";
import { add } from "../ops/add.ts";
import { extractProgram } from "../program/program.ts";
import { gradients } from "./gradients.ts";

/** Operators the gradient of `x` [2, 6] needs when x is read through these ranges of its last axis, and perhaps whole. */
function operators(ranges: readonly [number, number][], whole: boolean): string[] {
  const g = new Graph();
  const x = g.input("x", "float32", [2, 6]);
  const parts = ranges.map(([start, end], i) => reduceSum(mul(slice(x, 1, start, end), i + 2)));
  if (whole) parts.push(reduceSum(mul(x, 9)));
  const loss = parts.reduce((a, b) => add(a, b));
  const before = new Set(g.nodes);
  const program = extractProgram(g, { dx: gradients(loss, [x])[0]! });
  return program.nodes.filter((node) => !before.has(node)).map((node) => node.operator.name);
}

test("neighbouring slices are joined, not padded and added", () => {
  const names = operators(
    [
      [0, 2],
      [2, 4],
      [4, 6],
    ],
    false,
  );
  expect(names).toContain("Concat");
  expect(names).not.toContain("Pad");
  expect(names).not.toContain("Add");
});

test("other readers of the tensor are added to the joined slices", () => {
  const names = operators(
    [
      [2, 4],
      [4, 5],
    ],
    true,
  );
  expect(names.filter((name) => ["Concat", "Pad", "Add"].includes(name))).toEqual(["Concat", "Pad", "Add"]);
});

test.each([
  [
    [0, 4],
    [2, 6],
  ],
  [
    [0, 2],
    [3, 6],
  ],
] as [number, number][][])("overlapping or separate slices are padded and added", (...ranges) => {
  expect(operators(ranges, false)).toEqual(expect.arrayContaining(["Pad", "Add"]));
});
