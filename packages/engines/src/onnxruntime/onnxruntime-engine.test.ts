import { Graph, add, extractProgram, linear, matmul, mul } from "@pixelvla/core";
import { expect, test } from "vitest";
import { onnxruntimeEngine } from "./onnxruntime-engine.ts";

function doubled() {
  const g = new Graph();
  return extractProgram(g, { y: mul(g.input("x", "float32", [2, 2]), 2) });
}

test("runs a program and leaves the feeds alone", async () => {
  const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(doubled());
  const x = Float32Array.of(1, 2, 3, 4);
  expect((await executable.run({ x }))["y"]).toEqual(Float32Array.of(2, 4, 6, 8));
  expect(x).toEqual(Float32Array.of(1, 2, 3, 4));
  await executable.dispose();
});

test("transferred feeds are handed over and reused outputs are written in place", async () => {
  const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(doubled());
  const x = Float32Array.of(1, 2, 3, 4);
  const first = await executable.run({ x }, { transfer: true });
  expect(x.length).toBe(0);
  const second = await executable.run({ x: Float32Array.of(5, 6, 7, 8) }, { into: first });
  expect(first["y"]!.length).toBe(0);
  expect(second["y"]).toEqual(Float32Array.of(10, 12, 14, 16));
  await executable.dispose();
});

test("the event loop stays free while a program runs", async () => {
  const g = new Graph();
  let y = g.input("x", "float32", [768, 768]);
  const w = g.constant("float32", [768, 768], new Float32Array(768 * 768).fill(1e-3));
  for (let i = 0; i < 40; i++) y = matmul(y, w);
  const executable = await onnxruntimeEngine({ provider: "cpu", threads: 1 }).compile(extractProgram(g, { y }));
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const start = performance.now();
  await executable.run({ x: new Float32Array(768 * 768) });
  const took = performance.now() - start;
  clearInterval(timer);
  expect(longest).toBeLessThan(Math.max(60, took / 2));
  await executable.dispose();
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

test("cancelling and timing out reject at once and later runs still answer", async () => {
  const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(doubled());
  const x = new Float32Array(4);
  const controller = new AbortController();
  const cancelled = executable.run({ x }, { signal: controller.signal });
  controller.abort();
  await expect(cancelled).rejects.toMatchObject({ code: "PVLA_CANCELLED" });
  await expect(executable.run({ x }, { timeoutMs: 0 })).rejects.toMatchObject({ code: "PVLA_ENGINE_TIMEOUT" });
  expect((await executable.run({ x }))["y"]).toEqual(x);
  await executable.dispose();
  await expect(executable.run({ x })).rejects.toMatchObject({ code: "PVLA_DISPOSED" });
});

test("a misspelt input is named with the nearest one", async () => {
  const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(doubled());
  await expect(executable.run({ X: new Float32Array(4) })).rejects.toThrow('"X"');
  await executable.dispose();
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
