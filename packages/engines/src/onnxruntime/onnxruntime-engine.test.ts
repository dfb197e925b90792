import { Graph, add, extractProgram, linear, matmul, mul } from "@pixelvla/core";
import { afterAll, expect, test } from "vitest";
import { onnxruntimeEngine } from "./onnxruntime-engine.ts";

function doubled() {
  const g = new Graph();
  return extractProgram(g, { y: mul(g.input("x", "float32", [2, 2]), 2) });
}

const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(doubled());
afterAll(() => executable.dispose());

test("runs a program and leaves the feeds alone", async () => {
  const x = Float32Array.of(1, 2, 3, 4);
  expect((await executable.run({ x }))["y"]).toEqual(Float32Array.of(2, 4, 6, 8));
  expect(x).toEqual(Float32Array.of(1, 2, 3, 4));
});

test("transferred feeds are handed over and reused outputs are written in place", async () => {
  const x = Float32Array.of(1, 2, 3, 4);
  const first = await executable.run({ x }, { transfer: true });
  expect(x.length).toBe(0);
  const second = await executable.run({ x: Float32Array.of(5, 6, 7, 8) }, { into: first });
  expect(first["y"]!.length).toBe(0);
  expect(second["y"]).toEqual(Float32Array.of(10, 12, 14, 16));
  await executable.dispose();
});

/** A tenth of a second of matrix products or more. */
function slow() {
  const g = new Graph();
  let y = g.input("x", "float32", [768, 768]);
  const w = g.constant("float32", [768, 768], new Float32Array(768 * 768).fill(1e-3));
  for (let i = 0; i < 15; i++) y = matmul(y, w);
  return extractProgram(g, { y });
}

test("the event loop stays free while a program runs, and a run can be given up", async () => {
  const long = await onnxruntimeEngine({ provider: "cpu", threads: 1 }).compile(slow());
  const feeds = { x: new Float32Array(768 * 768) };
  let ticks = 0;
  const timer = setInterval(() => ticks++, 2);
  await long.run(feeds);
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(3);
  await expect(long.run(feeds, { timeoutMs: 1 })).rejects.toMatchObject({ code: "PVLA_ENGINE_TIMEOUT" });
  await long.dispose();
});

test("parameters can be fed, given or initialised", async () => {
  const g = new Graph();
  const y = add(
    linear(g, g.input("x", "float32", [1, 2]), 1, "fc", { bias: false }),
    g.parameter("shift", [1], { kind: "constant", value: 5 }),
  );
  const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(extractProgram(g, { y }), {
    fed: ({ name }) => name === "fc.weight",
  });
  expect(executable.inputNames).toEqual(["x", "fc.weight"]);
  const feeds = { x: Float32Array.of(1, 2), "fc.weight": Float32Array.of(10, 100) };
  expect((await executable.run(feeds))["y"]).toEqual(Float32Array.of(215));
  await executable.dispose();
});

test("cancelling rejects at once, later runs still answer, and none after disposal", async () => {
  const own = await onnxruntimeEngine({ provider: "cpu" }).compile(doubled());
  const x = new Float32Array(4);
  const controller = new AbortController();
  const cancelled = own.run({ x }, { signal: controller.signal });
  controller.abort();
  await expect(cancelled).rejects.toMatchObject({ code: "PVLA_CANCELLED" });
  expect((await own.run({ x }))["y"]).toEqual(x);
  await own.dispose();
  await expect(own.run({ x })).rejects.toMatchObject({ code: "PVLA_DISPOSED" });
});

test("a misspelt input is named with the nearest one", async () => {
  await expect(executable.run({ X: new Float32Array(4) })).rejects.toThrow('"X"');
});

test("every provider is reported with a reason when it is absent", async () => {
  const reports = await onnxruntimeEngine().providers();
  expect(reports.map(({ provider }) => provider)).toEqual(["cpu", "cuda", "tensorrt", "webgpu", "dml", "coreml"]);
  expect(reports.every(({ detail }) => detail.length > 5)).toBe(true);
  expect(reports[0]!.present).toBe(true);
});

test("an absent provider is refused with what is present", async () => {
  const absent = process.platform === "darwin" ? "dml" : "coreml";
  await expect(onnxruntimeEngine({ provider: absent }).compile(doubled())).rejects.toMatchObject({
    code: "PVLA_PROVIDER_ABSENT",
  });
});
