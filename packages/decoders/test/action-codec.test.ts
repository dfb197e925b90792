import { extractProgram, Graph, reshape } from "@pixelvla/core";
import { onnxruntimeEngine } from "@pixelvla/engines";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeIds, encodeActions } from "../src/index.ts";

const VOCABULARY = 32000;

async function codec(values: number[]) {
  const g = new Graph();
  const x = g.input("x", "float32", [1, values.length]);
  const ids = encodeActions(g, x, VOCABULARY);
  const back = decodeIds(g, reshape(ids, [1, values.length]), VOCABULARY);
  const executable = await onnxruntimeEngine().compile(extractProgram(g, { ids, back }), { threads: 1 });
  const out = await executable.run({ x: Float32Array.from(values) });
  await executable.dispose();
  return { ids: [...(out["ids"] as BigInt64Array)].map(Number), back: [...(out["back"] as Float32Array)] };
}

test("the published ids: -1, 0 and +1", async () => {
  const { ids, back } = await codec([-1, 0, 1, -3, 3]);
  expect(ids).toEqual([31999, 31872, 31744, 31999, 31744]);
  expect(back[0]).toBeCloseTo(-0.99608, 5);
  expect(back[2]).toBeCloseTo(0.99608, 5);
});

test("a round trip is off by at most 1/255, and larger values have smaller ids", async () => {
  const values = fc
    .sample(fc.double({ min: -1, max: 1, noNaN: true }), { numRuns: 500, seed: 3 })
    .sort((a, b) => a - b);
  const { ids, back } = await codec(values);
  values.forEach((v, i) => expect(Math.abs(v - back[i]!)).toBeLessThanOrEqual(1 / 255 + 1e-6));
  expect(ids).toEqual([...ids].sort((a, b) => b - a));
});

test("the two lowest action ids and anything outside the action range decode to the nearest bin", async () => {
  const g = new Graph();
  const ids = g.input("ids", "int64", [1, 4]);
  const executable = await onnxruntimeEngine().compile(extractProgram(g, { back: decodeIds(g, ids, VOCABULARY) }), {
    threads: 1,
  });
  const { back } = await executable.run({ ids: BigInt64Array.of(31744n, 31745n, 5n, 32063n) });
  await executable.dispose();
  const values = back as Float32Array;
  expect(values[0]).toBe(values[1]);
  expect(values[2]).toBe(values[0]);
  expect(values[3]).toBeCloseTo(-0.99608, 5);
});
