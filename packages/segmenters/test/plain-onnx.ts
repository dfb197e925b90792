import { join } from "node:path";
import { sizeOf, type HostArray, type Program, type Tensor } from "@pixelvla/core";
import type { NameMap } from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { relativeDifference } from "@pixelvla/testing";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { expect } from "vitest";
import { bindModel, type ModelFolder } from "../src/model-folder.ts";

/** Smooth values for every input of a program; integers count from 0 to 2. */
function feedsOf({ inputs }: Program): Record<string, Float32Array | BigInt64Array> {
  const feed = ({ dtype, shape }: Tensor) =>
    dtype === "int64"
      ? BigInt64Array.from({ length: sizeOf(shape) }, (_, i) => BigInt(i % 3))
      : Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(0.37 * i + shape.length));
  return Object.fromEntries([...inputs].map(([name, tensor]) => [name, feed(tensor)]));
}

/** Runs an exported file in bare onnxruntime and its program in our engine, on the same inputs: outputs must be equal. */
export async function expectFileEqualsProgram(
  out: string,
  file: string,
  program: Program,
  folder: ModelFolder,
  names: NameMap,
): Promise<void> {
  const feeds = feedsOf(program);
  const session = await InferenceSession.create(join(out, file));
  expect([...session.inputNames].sort(), file).toEqual([...program.inputs.keys()].sort());
  const plain = await session.run(
    Object.fromEntries(
      [...program.inputs].map(([name, { dtype, shape }]) => [
        name,
        new OrtTensor(dtype as "float32" | "int64", feeds[name]!, [...shape]),
      ]),
    ),
  );
  await session.release();

  bindModel(program.graph, folder, names);
  const executable = await onnxruntimeEngine({ provider: "cpu", threads: 1 }).compile(program);
  const outputs: Record<string, HostArray> = { ...(await executable.run(feeds)) };
  await executable.dispose();
  expect(Object.keys(plain).sort(), file).toEqual(Object.keys(outputs).sort());
  for (const [name, expected] of Object.entries(outputs)) {
    const found = plain[name]!.data as Float32Array;
    expect(
      found.some((value) => value !== 0),
      `${file}: ${name} is not all zero`,
    ).toBe(true);
    expect(relativeDifference(found, expected as Float32Array), `${file}: ${name}`).toBeLessThan(1e-5);
  }
}
