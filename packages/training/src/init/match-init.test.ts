import { Graph, linear } from "@pixelvla/core";
import { expect, test } from "vitest";
import { initText } from "./init-text.ts";
import { matchInit } from "./match-init.ts";

/** Parameters `backbone.in.weight [4, 3]`, `backbone.in.bias [4]`, `decoder.out.weight [2, 4]`, `decoder.out.bias [2]`. */
function parameters() {
  const g = new Graph();
  const x = g.input("x", "float32", [1, 3]);
  linear(g, linear(g, x, 4, "backbone.in"), 2, "decoder.out");
  return [...g.parameters.values()];
}
const tensor = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(7) });

test("loads by name and shape and says what became of the rest", () => {
  const all = parameters();
  const shapeOf = (name: string) => all.find((p) => p.name === name)!.tensor.shape;
  const { values, report } = matchInit(
    all,
    new Map([
      ["backbone.in.weight", tensor(...shapeOf("backbone.in.weight"))],
      ["backbone.in.bias", tensor(5)],
      ["decoder.aut.weight", tensor(2, 4)],
      ["auxiliary.target.bias", tensor(1)],
    ]),
  );
  expect([...values.keys()]).toEqual(["backbone.in.weight"]);
  expect(values.get("backbone.in.weight")![0]).toBe(7);
  expect(report.mismatched).toEqual([{ name: "backbone.in.bias", found: [5], needed: [4] }]);
  expect(report.missing).toEqual([
    { name: "decoder.out.weight", nearest: "decoder.aut.weight" },
    { name: "decoder.out.bias", nearest: undefined },
  ]);
  expect(report.unexpected).toEqual(["decoder.aut.weight", "auxiliary.target.bias"]);
  expect(initText('"base" at train step 9', report)).toEqual([
    '1 of 4 tensors from "base" at train step 9',
    "new: 2 of decoder",
    "not used: 1 of decoder, 1 of auxiliary",
    "backbone.in.bias starts anew: it is [5] there and [4] here",
    "decoder.out.weight is not in it; the nearest unused name there is decoder.aut.weight",
  ]);
});
