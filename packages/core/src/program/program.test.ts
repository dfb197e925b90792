import { expect, test } from "vitest";
import {
  add,
  boundaryElementsPerSample,
  extractProgram,
  gradients,
  Graph,
  l1Loss,
  linear,
  mul,
  partitionFrozenPrefix,
  programCost,
  relu,
  toOnnx,
  type Parameter,
} from "../index.ts";

function twoStage() {
  const g = new Graph();
  const image = g.input("image", "float32", [4, 8]);
  const noise = g.input("noise", "float32", [4, 16]);
  const target = g.input("target", "float32", [4, 2]);
  const features = g.within("encoder", () => relu(linear(g, image, 16, "fc")));
  const out = g.within("decoder", () => linear(g, add(features, noise), 2, "fc"));
  return { g, loss: l1Loss(out, target), features };
}
const trainable = (p: Parameter) => p.name.startsWith("decoder");

test("the frozen prefix ends where the first trainable part begins", () => {
  const { g, loss, features } = twoStage();
  const partition = partitionFrozenPrefix(g, { loss }, { trainable, volatileInputs: ["noise"] });
  expect(Object.values(partition.boundary)).toEqual([features]);
  expect([...partition.prefix!.inputs.keys()]).toEqual(["image"]);
  expect([...partition.suffix.inputs.keys()]).toEqual(["noise", "target", "prefix.0"]);
  expect(partition.suffix.parameters.map((p) => p.name)).toEqual(["decoder.fc.weight", "decoder.fc.bias"]);
  expect(boundaryElementsPerSample(partition, 4)).toBe(16);
});

test("nothing can be cut off when the first part trains", () => {
  const { g, loss } = twoStage();
  const partition = partitionFrozenPrefix(g, { loss }, { trainable: () => true });
  expect(partition.prefix).toBeUndefined();
});

test("a gradient program has the same frozen prefix as its loss", () => {
  const { g, loss, features } = twoStage();
  const decoder = [...g.parameters.values()].filter(trainable);
  const [dw] = gradients(
    loss,
    decoder.map((p) => p.tensor),
  );
  const partition = partitionFrozenPrefix(g, { loss, dw: dw! }, { trainable, volatileInputs: ["noise"] });
  expect(Object.values(partition.boundary)).toEqual([features]);
});

test("costs are counted per part, forward and backward apart", () => {
  const { g, loss } = twoStage();
  const decoder = [...g.parameters.values()].filter(trainable);
  const [dw, db] = gradients(
    loss,
    decoder.map((p) => p.tensor),
  );
  const cost = programCost(extractProgram(g, { loss, dw: dw!, db: db! }), { trainable });
  const byName = Object.fromEntries(cost.parts.map((p) => [p.part, p]));
  expect(byName["encoder"]).toMatchObject({ parameters: 8 * 16 + 16, trainableParameters: 0, backwardFlops: 0 });
  expect(byName["decoder"]!.backwardFlops).toBeGreaterThan(0);
  expect(cost.optimizerBytes).toBe(8 * (16 * 2 + 2));
});

test("activation memory counts live tensors, not all of them", () => {
  const g = new Graph();
  let x = g.input("x", "float32", [1000]);
  for (let i = 0; i < 10; i++) x = mul(x, 2);
  expect(programCost(extractProgram(g, { x })).peakActivationBytes).toBe(8000);
});

test("only what the outputs need enters a program", () => {
  const { g, features } = twoStage();
  const program = extractProgram(g, { features });
  expect(program.parameters.map((p) => p.name)).toEqual(["encoder.fc.weight", "encoder.fc.bias"]);
});

test("an onnx model lists fed parameters after the program's inputs", () => {
  const { g, loss } = twoStage();
  const model = toOnnx(extractProgram(g, { loss }), {
    placement: (p) => (trainable(p) ? "input" : new Float32Array(p.tensor.shape.reduce((a, b) => a * b, 1))),
  });
  expect(model.inputNames).toEqual(["image", "noise", "target", "decoder.fc.weight", "decoder.fc.bias"]);
  expect(model.outputNames).toEqual(["loss"]);
});
