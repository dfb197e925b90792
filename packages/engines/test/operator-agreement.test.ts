import { coreOperators, Graph, type HostArray } from "@pixelvla/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { tfjsKernels } from "../src/tfjs/all-kernels.ts";
import { Draw } from "./draw.ts";
import { operatorCases } from "./operator-cases.ts";
import { onnxruntimeHere, tfjsHere } from "./run-here.ts";
import { relativeError } from "./safetensors-file.ts";

test("every operator of core has a test case and a tfjs kernel", () => {
  const names = coreOperators.map(({ name }) => name).sort();
  expect(Object.keys(operatorCases).sort()).toEqual(names);
  expect([...tfjsKernels.keys()].sort()).toEqual(names);
});

const numbers = (data: HostArray) => Float64Array.from(data as Float32Array, Number);

test.each(Object.keys(operatorCases))("onnxruntime and tfjs agree on %s", async (name) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (seed) => {
      const draw = new Draw(seed);
      const instance = operatorCases[name]!(draw);
      const g = new Graph();
      const feeds: Record<string, HostArray> = {};
      const tensors = instance.inputs.map(({ dtype, shape, values }, i) => {
        const type = dtype === "float" ? "float32" : dtype;
        feeds[`x${i}`] = draw.values(type, shape, values);
        return g.input(`x${i}`, type, shape);
      });
      const outputs = Object.fromEntries(instance.apply(tensors).map((t, i) => [`y${i}`, t]));
      const engines = [await onnxruntimeHere(g, outputs), await tfjsHere(g, outputs)] as const;
      const [expected, found] = [await engines[0].run(feeds), await engines[1].run(feeds)];
      for (const key of Object.keys(outputs)) {
        expect(relativeError(numbers(found[key]!), numbers(expected[key]!)), `${name} ${key}`).toBeLessThan(1e-4);
      }
      for (const engine of engines) await engine.dispose();
    }),
    { numRuns: 8 },
  );
});
