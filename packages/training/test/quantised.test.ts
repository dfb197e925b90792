import {
  composePolicy,
  extractProgram,
  gradients,
  initialValues,
  parseRecipe,
  quantiseRule,
  Random,
  reduceSum,
  sizeOf,
  Graph,
  linear,
  withLinearRule,
  mul,
  type HostArray,
  type Recipe,
} from "@pixelvla/core";
import { quantiseMatrix } from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { builtinRegistry } from "../src/recipe/registry.ts";

const K = 80;
const N = 6;
const M = 5;

/** x W^T with W quantised, its gradient with respect to x, and both from the dequantised matrix on the host. */
async function product(bits: 4 | 8, blockSize: 16 | 32, activations: "float32" | "int8") {
  const random = new Random(5);
  const weight = Float32Array.from({ length: N * K }, () => random.normal());
  const x = Float32Array.from({ length: M * K }, () => random.normal());
  const dy = Float32Array.from({ length: M * N }, () => random.normal());
  const { codes, scales } = quantiseMatrix(weight, N, bits, blockSize);

  const g = new Graph();
  const input = g.input("x", "float32", [M, K]);
  const rule = quantiseRule({ bits, blockSize, activations, exclude: [] });
  const y = g.within("backbone", () => withLinearRule(g, rule, () => linear(g, input, N, "fc", { bias: false })));
  const [dx] = gradients(reduceSum(mul(y, g.input("dy", "float32", [M, N]))), [input]);
  const blocks = Math.ceil(K / blockSize);
  for (const p of g.parameters.values()) {
    const data = p.name.endsWith("codes") ? Float32Array.from(codes) : scales;
    p.source = { kind: "values", values: data };
  }
  const executable = await onnxruntimeEngine().compile(extractProgram(g, { y, dx: dx! }), { threads: 1 });
  const out = await executable.run({ x, dy });
  await executable.dispose();

  const middle = bits === 4 ? 8 : 128;
  const bytes = (blockSize * bits) / 8;
  const dequantised = (o: number, k: number) => {
    const b = Math.floor(k / blockSize);
    const i = k % blockSize;
    const base = (o * blocks + b) * bytes;
    const code = bits === 8 ? codes[base + i]! : (codes[base + (i >> 1)]! >> (4 * (i % 2))) & 15;
    return (code - middle) * scales[o * blocks + b]!;
  };
  return { weight, dequantised, x, dy, y: out["y"] as Float32Array, dx: out["dx"] as Float32Array };
}

test.each([
  [4, 16, "float32", 1e-5],
  [4, 32, "float32", 1e-5],
  [8, 32, "float32", 1e-5],
  [4, 32, "int8", 0.02],
  [8, 32, "int8", 0.02],
] as const)(
  "%i-bit blocks of %i, activations in %s: product and gradient equal those of the dequantised matrix to %f of the largest",
  async (bits, blockSize, activations, tolerance) => {
    const { weight, dequantised, x, dy, y, dx } = await product(bits, blockSize, activations);
    const largest = Math.max(...y.map(Math.abs));
    let worst = 0;
    for (let o = 0; o < N; o++)
      for (let k = 0; k < K; k++) worst = Math.max(worst, Math.abs(dequantised(o, k) - weight[o * K + k]!));
    expect(worst).toBeLessThan(bits === 4 ? 0.45 : 0.03);
    for (let m = 0; m < M; m++) {
      for (let o = 0; o < N; o++) {
        let sum = 0;
        for (let k = 0; k < K; k++) sum += x[m * K + k]! * dequantised(o, k);
        expect(Math.abs(y[m * N + o]! - sum) / largest).toBeLessThan(tolerance);
      }
      for (let k = 0; k < K; k++) {
        let sum = 0;
        for (let o = 0; o < N; o++) sum += dy[m * N + o]! * dequantised(o, k);
        expect(Math.abs(dx[m * K + k]! - sum)).toBeLessThan(1e-4);
      }
    }
  },
);

test("a quantised policy predicts nearly what the float policy predicts; the error is what is printed here", async () => {
  const recipe = parseRecipe(
    parse(readFileSync(new URL("../../../recipes/openvla-tiny.yaml", import.meta.url), "utf8")),
  );
  const float = await predict(recipe, undefined);
  for (const bits of [8, 4] as const) {
    const quantised = {
      ...recipe,
      backbone: {
        ...recipe.backbone,
        quantise: { bits, blockSize: 32 as const, activations: "float32" as const, exclude: [] },
      },
    };
    const found = await predict(quantised, { bits, float: recipe });
    const error = Math.max(...found.map((v, i) => Math.abs(v - float[i]!)));
    process.stdout.write(
      `${bits}-bit backbone: largest action difference ${error.toFixed(4)} of ${Math.max(...float.map(Math.abs)).toFixed(2)}\n`,
    );
    expect(error).toBeLessThan(bits === 8 ? 0.05 : 0.5);
    expect(error).toBeGreaterThan(0);
  }
});

async function predict(recipe: Recipe, quantised: { bits: 4 | 8; float: Recipe } | undefined): Promise<number[]> {
  const registry = builtinRegistry();
  const policy = composePolicy(recipe, registry, { batch: 1, mode: "predict" });
  if (quantised !== undefined) {
    const original = composePolicy(quantised.float, registry, { batch: 1, mode: "predict" }).graph.parameters;
    for (const parameter of policy.graph.parameters.values()) {
      const match = /^(.*)\.weight\.(codes|scales)$/.exec(parameter.name);
      if (match === null) continue;
      const weight = original.get(`${match[1]!}.weight`)!;
      const matrix = quantiseMatrix(initialValues(weight, 1), weight.tensor.shape[0]!, quantised.bits, 32);
      parameter.source = {
        kind: "values",
        values: match[2] === "codes" ? Float32Array.from(matrix.codes) : matrix.scales,
      };
    }
  }
  const executable = await onnxruntimeEngine().compile(extractProgram(policy.graph, { chunk: policy.chunk! }), {
    seed: 1,
    threads: 1,
  });
  const random = new Random(2);
  const feeds: Record<string, HostArray> = {};
  for (const [name, { dtype, shape }] of policy.graph.inputs) {
    const size = sizeOf(shape);
    if (dtype === "int64") feeds[name] = BigInt64Array.from({ length: size }, (_, i) => BigInt(8 + i));
    else if (name === "tokenValid") feeds[name] = new Float32Array(size).fill(1);
    else feeds[name] = Float32Array.from({ length: size }, () => random.uniform());
  }
  const { chunk } = await executable.run(Object.fromEntries(executable.inputNames.map((n) => [n, feeds[n]!])));
  await executable.dispose();
  return [...(chunk as Float32Array)];
}
