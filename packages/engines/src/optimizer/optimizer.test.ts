import { expect, test } from "vitest";
import { flatMemory } from "./flat-memory.ts";
import { flatLayout } from "./flat-layout.ts";
import type { OptimizerConfig } from "./optimizer-config.ts";
import { extraBuffers, momentNames, Optimizer } from "./optimizer.ts";
import { scheduleFactor } from "./schedule.ts";

/** Two parameters, `a` [3] and `b` [2], all 1, and gradients 1, 2, 3 | 4, 5. */
function setup(config: OptimizerConfig) {
  const { slots, length } = flatLayout([
    { name: "a", shape: [3] },
    { name: "b", shape: [2] },
  ]);
  const { buffers, kernels } = flatMemory(length, 2 + extraBuffers(config));
  const [parameters, gradients, ...extra] = buffers as [Float32Array, Float32Array, ...Float32Array[]];
  for (const { start, length: n, name } of slots) {
    for (let i = 0; i < n; i++) {
      parameters[start + i] = 1;
      gradients[start + i] = name === "a" ? i + 1 : i + 4;
    }
  }
  const optimizer = new Optimizer(
    config,
    slots,
    {
      parameters,
      moments: extra.slice(0, momentNames(config).length),
      average: config.emaDecay === undefined ? undefined : extra.at(-1)!,
    },
    kernels,
  );
  const read = () => slots.flatMap(({ start, length: n }) => [...parameters.subarray(start, start + n)]);
  return { optimizer, gradients, parameters, read, slots };
}

const NORM = Math.sqrt(1 + 4 + 9 + 16 + 25);

test("the first AdamW update is the learning rate in the gradient's direction, after decay", () => {
  const { optimizer, gradients, read } = setup({ kind: "adamw", learningRate: 0.1, weightDecay: 0.5 });
  const report = optimizer.update(0, gradients, 1)!;
  expect(report.gradientNorm).toBeCloseTo(NORM, 5);
  for (const value of read()) expect(value).toBeCloseTo(0.95 - 0.1, 5);
});

test("groups have their own learning rate and weight decay", () => {
  const { optimizer, gradients, read } = setup({
    kind: "adamw",
    learningRate: 0.1,
    weightDecay: 0.5,
    groups: [{ parameters: ["b"], learningRate: 0.01, weightDecay: 0 }],
  });
  optimizer.update(0, gradients, 1);
  expect(read().map((v) => Math.round(v * 1000) / 1000)).toEqual([0.85, 0.85, 0.85, 0.99, 0.99]);
});

test("a group that names an unknown parameter is refused", () => {
  const groups = [{ parameters: ["c"] }];
  expect(() => setup({ kind: "sgd", learningRate: 1, groups })).toThrow('"c"');
});

test("clipping scales all gradients together", () => {
  const { optimizer, gradients, read } = setup({ kind: "sgd", learningRate: 1, clipNorm: 1 });
  optimizer.update(0, gradients, 1);
  read().forEach((value, i) => expect(1 - value).toBeCloseTo((i + 1) / NORM, 5));
});

test("SGD with momentum remembers its velocity", () => {
  const { optimizer, gradients, read } = setup({ kind: "sgd", learningRate: 0.1, momentum: 0.5 });
  optimizer.update(0, gradients, 1);
  optimizer.update(1, gradients, 1);
  expect(read()[0]).toBeCloseTo(1 - 0.1 * (1 + 1.5), 6);
});

test("the moving average follows the parameters", () => {
  const { optimizer, gradients } = setup({ kind: "sgd", learningRate: 0.1, emaDecay: 0.75 });
  optimizer.update(0, gradients, 1);
  expect(optimizer.buffers.average![0]).toBeCloseTo(0.75 * 1 + 0.25 * 0.9, 6);
});

test("a NaN gradient changes nothing", () => {
  const { optimizer, gradients, read } = setup({ kind: "adamw", learningRate: 0.1 });
  gradients[1] = NaN;
  expect(optimizer.update(0, gradients, 1)).toBeUndefined();
  expect(read()).toEqual([1, 1, 1, 1, 1]);
});

test("the schedule warms up, then falls along a half cosine to its final factor", () => {
  const schedule = { kind: "cosine", warmupSteps: 4, totalSteps: 14, finalFactor: 0.1 } as const;
  expect([0, 1, 3].map((s) => scheduleFactor(s, schedule))).toEqual([0.25, 0.5, 1]);
  expect(scheduleFactor(4, schedule)).toBeCloseTo(1, 6);
  expect(scheduleFactor(9, schedule)).toBeCloseTo(0.55, 6);
  expect(scheduleFactor(99, schedule)).toBeCloseTo(0.1, 6);
  expect(scheduleFactor(99)).toBe(1);
});
