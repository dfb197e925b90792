import { Random } from "@pixelvla/core";
import { expect, test } from "vitest";
import { scalarKernels, type FlatKernels } from "./flat-kernels.ts";
import { flatMemory } from "./flat-memory.ts";

const LENGTH = 16 * 37;
const CONSTANTS = {
  gradientScale: 0.25,
  beta1: 0.9,
  beta2: 0.95,
  keep: 0.999,
  stepSize: 3e-3,
  correction2: 1.7,
  epsilon: 1e-8,
};

/** Five buffers of the same random values; the last, second moments, are not negative. */
function filled() {
  const memory = flatMemory(LENGTH, 5);
  const random = new Random(5);
  for (const [index, buffer] of memory.buffers.entries()) {
    for (let i = 0; i < LENGTH; i++) buffer[i] = index === 4 ? random.uniform() : random.normal();
  }
  const [parameters, gradients, sum, first, second] = memory.buffers as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return { kernels: memory.kernels, parameters, gradients, sum, first, second };
}

function afterAllPasses(kernels: FlatKernels | undefined) {
  const buffers = filled();
  const used = kernels ?? buffers.kernels;
  used.accumulate(buffers.sum, buffers.gradients);
  used.adamW(buffers, 16, LENGTH - 32, CONSTANTS);
  used.follow(buffers.gradients, buffers.parameters, 0.9);
  return { ...buffers, squares: used.sumSquares(buffers.sum) };
}

test("vectorised passes agree with plain loops and stay inside their range", () => {
  const [found, expected] = [afterAllPasses(undefined), afterAllPasses(scalarKernels)];
  expect(found.kernels).not.toBe(scalarKernels);
  expect(found.squares).toBeCloseTo(expected.squares, 3);
  for (const name of ["parameters", "gradients", "sum", "first", "second"] as const) {
    found[name].forEach((value, i) => expect(value).toBeCloseTo(expected[name][i]!, 5));
  }
  expect(found.parameters.subarray(0, 16)).toEqual(filled().parameters.subarray(0, 16));
  expect(found.parameters.subarray(LENGTH - 32)).toEqual(filled().parameters.subarray(LENGTH - 32));
});

test.each([NaN, Infinity])("a %d among the values shows in the sum of squares", (bad) => {
  const { kernels, gradients } = filled();
  gradients[77] = bad;
  expect(Number.isFinite(kernels.sumSquares(gradients))).toBe(false);
});

test("buffers beyond WebAssembly's reach get plain arrays and loops", () => {
  const { buffers, kernels } = flatMemory(1 << 15, 3, 5);
  expect(kernels).toBe(scalarKernels);
  expect(buffers.map(({ length }) => length)).toEqual([1 << 15, 1 << 15, 1 << 15]);
});
