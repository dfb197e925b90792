import { Graph, gelu, linear, mseLoss, Random, type Parameter } from "@pixelvla/core";
import { afterAll, beforeEach, expect, test } from "vitest";
import { TrainSession, type TrainSessionOptions } from "./train-session.ts";
import { trainProgram } from "./train-program.ts";

const BATCH = 4;

/** A small regression: [B, 3] -> [B, 2] through 16 hidden units. */
function program(batch = BATCH, trainable: (p: Parameter) => boolean = () => true) {
  const g = new Graph();
  const x = g.input("x", "float32", [batch, 3]);
  const target = g.input("target", "float32", [batch, 2]);
  const loss = mseLoss(linear(g, gelu(linear(g, x, 16, "fc1")), 2, "fc2"), target);
  return trainProgram(loss, [...g.parameters.values()].filter(trainable), { twice: mseLoss(x, x) });
}

const open = (options: Partial<TrainSessionOptions> = {}, batch = BATCH) =>
  TrainSession.create(program(batch), {
    optimizer: { kind: "adamw", learningRate: 1e-2, weightDecay: 0.01, clipNorm: 1, emaDecay: 0.9 },
    threads: 1,
    ...options,
  });

/** One session for all tests that need an ordinary one; each starts from its first state. */
const session = await open();
const firstState = await session.save();
beforeEach(() => session.load(firstState));
afterAll(() => session.dispose());

function batchOf(step: number, size = BATCH) {
  const random = new Random(step);
  const x = Float32Array.from({ length: size * 3 }, () => random.normal());
  const target = Float32Array.from({ length: size * 2 }, (_, i) => x[Math.floor(i / 2) * 3]! * (i % 2 === 0 ? 2 : -1));
  return { x, target };
}

test("train steps lower the loss and report it", async () => {
  const first = await session.step(batchOf(0));
  let last = first;
  for (let i = 1; i < 150; i++) last = await session.step(batchOf(i));
  expect(first.step).toBe(1);
  expect(first.gradientNorm).toBeGreaterThan(0);
  expect(first.metrics["twice"]).toBe(0);
  expect(last.loss).toBeLessThan(first.loss / 5);
});

test("a saved and loaded session continues bit for bit", async () => {
  for (let i = 0; i < 6; i++) await session.step(batchOf(i));
  const saved = await session.save();
  for (let i = 6; i < 12; i++) await session.step(batchOf(i));
  const resumed = await open({ seed: 99, state: saved });
  for (let i = 6; i < 12; i++) await resumed.step(batchOf(i));
  const [expected, found] = [await session.save(), await resumed.save()];
  await resumed.dispose();
  expect(found.step).toBe(12);
  for (const [name, { data }] of expected.tensors) expect(found.tensors.get(name)!.data, name).toEqual(data);
  expect([...expected.tensors.keys()].map((k) => k.split("/")[0])).toContain("ema");
});

test("micro-batches give the gradients of the whole batch", async () => {
  const whole = await open({}, 8);
  const batch = batchOf(3, 8);
  const [a, b] = [await whole.evaluate(batch), await session.evaluate(batch)];
  await whole.dispose();
  expect(b.loss).toBeCloseTo(a.loss, 6);
  for (const [name, gradient] of Object.entries(a.gradients)) {
    gradient.forEach((value, i) => expect(b.gradients[name]![i]).toBeCloseTo(value, 6));
  }
});

test("a NaN loss stops before anything is updated", async () => {
  await session.step(batchOf(0));
  const before = await session.save();
  await expect(session.step({ ...batchOf(1), target: new Float32Array(BATCH * 2).fill(NaN) })).rejects.toMatchObject({
    code: "PVLA_NONFINITE",
    facts: { step: 2 },
  });
  expect(await session.save()).toEqual(before);
});

test("wrong feeds are refused by name", async () => {
  await expect(session.step({ x: new Float32Array(12) })).rejects.toMatchObject({ code: "PVLA_FEEDS" });
  await expect(session.step({ ...batchOf(0), target: new Float32Array(9) })).rejects.toThrow('input "target"');
});

test("a state of other parameters is refused", async () => {
  await expect(session.load({ step: 3, tensors: new Map() })).rejects.toMatchObject({ code: "PVLA_TRAIN_STATE" });
});

test("frozen parameters stay out of the gradients and the state", async () => {
  const partial = await TrainSession.create(
    program(BATCH, (p) => p.name.startsWith("fc2")),
    { optimizer: { kind: "sgd", learningRate: 0.1, momentum: 0.9 } },
  );
  await partial.step(batchOf(0));
  const { tensors } = await partial.save();
  await partial.dispose();
  expect([...tensors.keys()].sort()).toEqual([
    "parameter/fc2.bias",
    "parameter/fc2.weight",
    "velocity/fc2.bias",
    "velocity/fc2.weight",
  ]);
});

test("a bias over many rows has the gradient of a weight whose input is always one", async () => {
  const [rows, outputs] = [32, 24];
  const g = new Graph();
  const loss = mseLoss(
    linear(g, g.input("x", "float32", [rows, 3]), outputs, "fc"),
    g.input("t", "float32", [rows, outputs]),
  );
  const wide = await TrainSession.create(trainProgram(loss, [...g.parameters.values()]), {
    optimizer: { kind: "adamw", learningRate: 1e-2 },
    threads: 1,
  });
  const random = new Random(7);
  const x = Float32Array.from({ length: rows * 3 }, (_, i) => (i % 3 === 0 ? 1 : random.normal()));
  const t = Float32Array.from({ length: rows * outputs }, () => random.normal());
  const { gradients } = await wide.evaluate({ x, t });
  await wide.dispose();
  const [weight, bias] = [gradients["fc.weight"]!, gradients["fc.bias"]!];
  expect(Math.max(...bias.map(Math.abs))).toBeGreaterThan(1e-3);
  bias.forEach((value, j) => expect(value, `output ${j}`).toBeCloseTo(weight[3 * j]!, 6));
});
