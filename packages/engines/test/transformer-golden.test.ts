import { afterAll, expect, test } from "vitest";
import {
  gradientOutput,
  onnxruntimeEngine,
  tfjsEngine,
  TrainSession,
  trainProgram,
  type Outputs,
} from "../src/index.ts";
import { readGolden, relativeError } from "./safetensors-file.ts";
import { buildTransformer } from "./transformer.ts";

const golden = readGolden(new URL("./golden/transformer-4block.safetensors", import.meta.url));
const SIZE = { vocab: 24, width: 20, heads: 2, blocks: 4, length: 9 };
const [STEPS, BATCH] = [20, 2];
const TOLERANCE = 1e-4;

const int64 = (name: string, step: number) => {
  const count = BATCH * SIZE.length;
  return BigInt64Array.from(golden.get(name)!.data.subarray(step * count, (step + 1) * count), (v) => BigInt(v));
};

const { g, loss } = buildTransformer(SIZE, BATCH);
const values = new Map(
  [...g.parameters.keys()].map((name) => [name, golden.get(`param.${name}`)!.data as Float32Array] as const),
);
const program = trainProgram(loss, [...g.parameters.values()]);
const session = await TrainSession.create(program, {
  values,
  threads: 1,
  optimizer: { kind: "adamw", learningRate: 3e-3, betas: [0.9, 0.95], epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 },
});
afterAll(() => session.dispose());

test("every parameter of the peer exists here", () => {
  const peers = [...golden.keys()].filter((k) => k.startsWith("param.")).map((k) => k.slice("param.".length));
  expect([...g.parameters.keys()].sort()).toEqual(peers.sort());
});

test("loss and every gradient agree with PyTorch", async () => {
  const { loss: found, gradients } = await session.evaluate({ tokens: int64("tokens", 0), labels: int64("labels", 0) });
  expect(relativeError([found], [golden.get("losses")!.data[0]!])).toBeLessThan(TOLERANCE);
  for (const [name, gradient] of Object.entries(gradients)) {
    expect(relativeError(gradient, golden.get(`grad.${name}`)!.data), name).toBeLessThan(TOLERANCE);
  }
});

test("losses, gradient norms and parameters over 20 AdamW steps agree with PyTorch", async () => {
  for (let step = 0; step < STEPS; step++) {
    const report = await session.step({ tokens: int64("tokens", step), labels: int64("labels", step) });
    expect(relativeError([report.loss], [golden.get("losses")!.data[step]!]), `loss ${step}`).toBeLessThan(TOLERANCE);
    expect(relativeError([report.gradientNorm], [golden.get("gradNorms")!.data[step]!])).toBeLessThan(TOLERANCE);
  }
  const { tensors } = await session.save();
  for (const name of g.parameters.keys()) {
    const found = tensors.get(`parameter/${name}`)!.data;
    expect(relativeError(found, golden.get(`after.${name}`)!.data), name).toBeLessThan(TOLERANCE);
  }
});

test("loss and every gradient agree with PyTorch on tfjs", async () => {
  const executable = await tfjsEngine({ provider: "tfjs-wasm" }).compile(program, { values });
  const outputs = await executable.run({ tokens: int64("tokens", 0), labels: int64("labels", 0) });
  expectGolden(outputs);
  await executable.dispose();
});

const reports = await onnxruntimeEngine().providers();
const webgpu = reports.find(({ provider }) => provider === "webgpu");

test.skipIf(webgpu?.present !== true)(
  `loss and every gradient agree with PyTorch on webgpu (${webgpu?.detail ?? "unknown"})`,
  async () => {
    const executable = await onnxruntimeEngine({ provider: "webgpu" }).compile(program, { values });
    expectGolden(await executable.run({ tokens: int64("tokens", 0), labels: int64("labels", 0) }));
    await executable.dispose();
  },
);

function expectGolden(outputs: Outputs): void {
  expect(relativeError(outputs["loss"] as Float32Array, [golden.get("losses")!.data[0]!])).toBeLessThan(TOLERANCE);
  for (const name of g.parameters.keys()) {
    const found = outputs[gradientOutput(name)] as Float32Array;
    expect(relativeError(found, golden.get(`grad.${name}`)!.data), name).toBeLessThan(TOLERANCE);
  }
}
