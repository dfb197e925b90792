import fc from "fast-check";
import { expect, test } from "vitest";
import { add, broadcastShapes, concat, Graph, initialValues, matmul, reshape, slice, sizeOf } from "../index.ts";

test("wrong shapes are refused when the graph is built, naming operator, part and shapes", () => {
  const g = new Graph();
  const a = g.input("a", "float32", [2, 3]);
  const b = g.input("b", "float32", [4, 5]);
  expect(() => g.within("backbone.layers.0", () => matmul(a, b))).toThrowErrorMatchingInlineSnapshot(
    `[PixelVlaError: Building MatMul(float32[2, 3], float32[4, 5]) in "backbone.layers.0": float32[2, 3] x float32[4, 5], needs matching inner dimensions.]`,
  );
});

test("parameters are named by scope and refuse a second declaration", () => {
  const g = new Graph();
  g.within("a", () => g.parameter("w", [2], { kind: "zeros" }));
  expect([...g.parameters.keys()]).toEqual(["a.w"]);
  expect(() => g.within("a", () => g.parameter("w", [2], { kind: "zeros" }))).toThrow(
    expect.objectContaining({ code: "PVLA_DUPLICATE_NAME" }),
  );
});

test("a layer applied again while reusing shares its parameters, but only with the same shape", () => {
  const g = new Graph();
  const first = g.parameter("w", [2], { kind: "zeros" });
  g.reusing(() => {
    expect(g.parameter("w", [2], { kind: "zeros" })).toBe(first);
    expect(() => g.parameter("w", [3], { kind: "zeros" })).toThrow();
  });
});

test("tensors of two graphs do not mix", () => {
  const a = new Graph().input("a", "float32", [2]);
  const b = new Graph().input("b", "float32", [2]);
  expect(() => add(a, b)).toThrow(expect.objectContaining({ code: "PVLA_FOREIGN_TENSOR" }));
});

test("a reshape or slice that changes nothing adds no node", () => {
  const g = new Graph();
  const a = g.input("a", "float32", [2, 3]);
  expect(reshape(a, [-1, 3])).toBe(a);
  expect(slice(a, 0, 0, 2)).toBe(a);
  expect(concat([a], 0)).toBe(a);
});

test("initial values depend on seed and name only", () => {
  const make = (extra: boolean) => {
    const g = new Graph();
    if (extra) g.parameter("other", [7], { kind: "normal", std: 1 });
    g.parameter("w", [64], { kind: "truncated-normal", std: 0.5 });
    return initialValues(g.parameters.get("w")!, 3);
  };
  expect(make(true)).toEqual(make(false));
  expect(Math.max(...make(false))).toBeLessThanOrEqual(1);
});

const dim = fc.integer({ min: 1, max: 4 });

test("broadcasting is symmetric and never smaller than either shape", () => {
  fc.assert(
    fc.property(fc.array(dim, { maxLength: 4 }), fc.array(dim, { maxLength: 4 }), (a, b) => {
      const ab = broadcastShapes(a, b);
      expect(ab).toEqual(broadcastShapes(b, a));
      if (ab !== undefined) expect(sizeOf(ab)).toBeGreaterThanOrEqual(Math.max(sizeOf(a), sizeOf(b)));
    }),
  );
});
