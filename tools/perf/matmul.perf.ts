import { Graph, extractProgram, matmul, toOnnx } from "@pixelvla/core";
import { InferenceSession, Tensor } from "onnxruntime-node";

const SIZE = 1024;

/** One product of two fed square matrices, as an ONNX model. */
function model(size: number): Uint8Array {
  const graph = new Graph();
  const a = graph.input("a", "float32", [size, size]);
  const b = graph.input("b", "float32", [size, size]);
  return toOnnx(extractProgram(graph, { c: matmul(a, b) }), { placement: () => "input" }).bytes;
}

const filled = (size: number, value: number) =>
  new Tensor("float32", new Float32Array(size * size).fill(value), [size, size]);

/** The machine's float32 matrix product: what the column "of matmul" of other benchmarks refers to. */
export const perf = {
  name: "matmul",
  title: `Matrix product ${SIZE} x ${SIZE} x ${SIZE}, float32`,
  order: -1,
  peers: [{ name: "torch", python: "perf_matmul.py" }],
  cases: [{ name: "square", params: { size: SIZE } }],
  turnMs: 300,
  async ours({ size, threads }: { size: number; threads: number }) {
    const session = await InferenceSession.create(model(size), { intraOpNumThreads: threads });
    const feeds = { a: filled(size, 0.5), b: filled(size, 2) };
    const fetches = { c: filled(size, 0) };
    await session.run(feeds, fetches);
    if (fetches.c.data[0] !== size) throw new Error(`internal: matmul gave ${String(fetches.c.data[0])}`);
    return {
      run: () => session.run(feeds, fetches),
      work: { amount: 2 * size ** 3, unit: "FLOP" },
      close: () => session.release(),
    };
  },
};
