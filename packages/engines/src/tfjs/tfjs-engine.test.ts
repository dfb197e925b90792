import { defineOperator, Graph, add, extractProgram, linear, relu } from "@pixelvla/core";
import { expect, test } from "vitest";
import { onnxruntimeEngine } from "../onnxruntime/onnxruntime-engine.ts";
import { tfjsEngine } from "./tfjs-engine.ts";

test("a small network gives the same on both engines, off the event loop", async () => {
  const g = new Graph();
  const y = linear(g, relu(linear(g, g.input("x", "float32", [2, 3]), 8, "fc1")), 2, "fc2");
  const program = extractProgram(g, { y, shifted: add(y, 1) });
  const x = Float32Array.of(1, -2, 3, 0.5, 0, -1);
  const [ours, theirs] = await Promise.all(
    [onnxruntimeEngine({ provider: "cpu" }), tfjsEngine({ provider: "tfjs-wasm" })].map(async (engine) => {
      const executable = await engine.compile(program, { seed: 7, fed: ({ name }) => name === "fc2.bias" });
      const outputs = await executable.run({ x, "fc2.bias": Float32Array.of(1, 2) });
      await executable.dispose();
      return { outputs, names: executable.inputNames };
    }),
  );
  expect(theirs!.names).toEqual(ours!.names);
  for (const name of ["y", "shifted"]) {
    theirs!.outputs[name]!.forEach((value, i) => expect(value).toBeCloseTo(Number(ours!.outputs[name]![i]), 5));
  }
});

test("backends that are not installed are reported with the command that installs them", async () => {
  const reports = await tfjsEngine().providers();
  expect(reports.map(({ provider }) => provider)).toEqual(["tfjs-node-gpu", "tfjs-node", "tfjs-webgpu", "tfjs-wasm"]);
  for (const { present, detail } of reports) if (!present) expect(detail).toContain("npm install");
  expect(reports.at(-1)).toMatchObject({ present: true });
});

test("an operator without a kernel is refused when compiling", async () => {
  const odd = defineOperator({
    name: "Odd",
    summary: "Unknown to every engine.",
    attributes: {},
    infer: ([x]) => [x!],
    gradient: "not differentiable",
  });
  const g = new Graph();
  const y = g.emit(odd, [g.input("x", "float32", [1])])[0]!;
  await expect(tfjsEngine({ provider: "tfjs-wasm" }).compile(extractProgram(g, { y }))).rejects.toMatchObject({
    code: "PVLA_KERNEL_MISSING",
  });
});
