import { expect, test } from "vitest";
import {
  add,
  extractProgram,
  gather,
  gradients,
  Graph,
  l1Loss,
  linear,
  matmul,
  mul,
  printProgram,
  reduceSum,
  relu,
  sign,
  stopGradient,
} from "../index.ts";

const values = (g: Graph, name: string, shape: number[]) => g.parameter(name, shape, { kind: "ones" });

test("the gradient of a product is the other factor", () => {
  const g = new Graph();
  const a = values(g, "a", [2, 3]);
  const b = values(g, "b", [3]);
  const [da, db] = gradients(reduceSum(mul(a, b)), [a, b]);
  expect(printProgram(extractProgram(g, { da: da!, db: db! }))).toMatchInlineSnapshot(`
    "parameter a:float32[2, 3]
    parameter b:float32[3]
    %0:float32[1, 1] = Reshape 1 shape=[1,1]
    %1:float32[2, 3] = Expand %0 shape=[2,3]
    %2:float32[2, 3] = Mul %1 b
    %3:float32[2, 3] = Mul %1 a
    %4:float32[3] = ReduceSum %3 axes=[0] keepdims=0
    output da = %2
    output db = %4"
  `);
});

test("a tensor the loss does not depend on gets zeros of its shape", () => {
  const g = new Graph();
  const used = values(g, "used", [2]);
  const unused = values(g, "unused", [5]);
  const [, zero] = gradients(reduceSum(used), [used, unused]);
  expect(zero!.shape).toEqual([5]);
});

test("a value used twice gets the sum of both gradients", () => {
  const g = new Graph();
  const a = values(g, "a", [2]);
  gradients(reduceSum(add(mul(a, a), a)), [a]);
  const adds = g.nodes.filter((n) => n.operator.name === "Add" && n.scope.startsWith("gradients"));
  expect(adds.length).toBe(2);
});

test("nothing before a stopped gradient is differentiated", () => {
  const g = new Graph();
  const a = values(g, "a", [2]);
  const before = g.nodes.length;
  const [da] = gradients(reduceSum(stopGradient(mul(a, a))), [a]);
  expect(da!.shape).toEqual([2]);
  expect(g.nodes.slice(before).some((n) => n.operator.name === "Mul" && n.scope.startsWith("gradients"))).toBe(false);
});

test("frozen branches get no backward nodes", () => {
  const g = new Graph();
  const x = g.input("x", "float32", [4, 8]);
  const hidden = relu(linear(g, x, 16, "frozen"));
  const loss = l1Loss(linear(g, hidden, 2, "head"), g.input("y", "float32", [4, 2]));
  const head = [...g.parameters.values()].filter((p) => p.name.startsWith("head")).map((p) => p.tensor);
  const before = g.nodes.length;
  gradients(loss, head);
  const products = g.nodes.slice(before).filter((n) => n.operator.name === "Gemm");
  expect(products.length).toBe(1);
});

test("a loss that is not a scalar is refused", () => {
  const g = new Graph();
  const a = values(g, "a", [2]);
  expect(() => gradients(a, [a])).toThrow(expect.objectContaining({ code: "PVLA_LOSS_NOT_SCALAR" }));
});

test("differentiating through an operator without a derivative names it", () => {
  const g = new Graph();
  const a = values(g, "a", [2]);
  expect(() => gradients(reduceSum(sign(a)), [a])).toThrow(/Sign/);
});

test("gathering rows back-propagates by adding rows up", () => {
  const g = new Graph();
  const table = values(g, "table", [6, 3]);
  const ids = g.input("ids", "int64", [2, 4]);
  const [d] = gradients(reduceSum(gather(table, ids, 0)), [table]);
  expect(d!.shape).toEqual([6, 3]);
  expect(g.nodes.some((n) => n.operator.name === "ScatterND")).toBe(true);
});

test("gradients of broadcast matrix products keep the operand's shape", () => {
  const g = new Graph();
  const a = values(g, "a", [4, 5]);
  const b = values(g, "b", [2, 3, 5, 6]);
  const [da, db] = gradients(reduceSum(matmul(a, b)), [a, b]);
  expect([da!.shape, db!.shape]).toEqual([
    [4, 5],
    [2, 3, 5, 6],
  ]);
});
