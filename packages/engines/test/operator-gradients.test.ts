import {
  add,
  coreOperators,
  gradients,
  Graph,
  mul,
  PixelVlaError,
  reduceSum,
  type HostArray,
  type Tensor,
} from "@pixelvla/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Draw } from "./draw.ts";
import { operatorCases, type OperatorCase } from "./operator-cases.ts";
import { onnxruntimeHere, type Runner } from "./run-here.ts";

/** Step and tolerance of the central difference, by the precision the engine has kernels for. */
const PRECISION = {
  float64: { step: 1e-5, tolerance: 1e-7 },
  float32: { step: 1e-2, tolerance: 3e-3 },
} as const;
type FloatType = keyof typeof PRECISION;

interface Compiled {
  readonly runner: Runner;
  readonly feeds: Record<string, HostArray>;
  /** Float inputs, whose gradients are checked. */
  readonly checked: readonly string[];
  readonly outputs: readonly string[];
}

const usedPrecision = new Map<FloatType, Set<string>>([
  ["float64", new Set()],
  ["float32", new Set()],
]);

const differentiable = coreOperators.filter(({ gradient }) => gradient !== "not differentiable");
/** Their gradient stops or flows to no float input by definition. */
const GRADIENT_STOPS = new Set(["Identity", "Cast"]);

test.each(differentiable.map(({ name }) => name).filter((name) => !GRADIENT_STOPS.has(name)))(
  "the derivative of %s agrees with central differences",
  async (name) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const { type, compiled } = await compile(name, seed);
        usedPrecision.get(type)!.add(name);
        await checkGradients(compiled, type);
        await compiled.runner.dispose();
      }),
      { numRuns: 6 },
    );
  },
);

test("only operators without a float64 kernel are checked in float32", () => {
  const expected = ["Conv", "ConvTranspose", "Erf", "Gelu", "LayerNormalization", "MatMulNBits", "Softplus"];
  expect(expected).toEqual(expect.arrayContaining([...usedPrecision.get("float32")!]));
});

/** Compiles values and gradients in float64, or in float32 where onnxruntime lacks a float64 kernel. */
async function compile(name: string, seed: number): Promise<{ type: FloatType; compiled: Compiled }> {
  const instance = operatorCases[name]!(new Draw(seed));
  try {
    const type = instance.inputs.some(({ dtype }) => dtype === "float") ? "float64" : "float32";
    return { type, compiled: await compileAs(type, instance, seed) };
  } catch (error) {
    const lacksKernel =
      error instanceof PixelVlaError &&
      /Could not find an implementation|LayerNormalization|bound to different types/.test(error.message);
    if (!lacksKernel) throw error;
    return { type: "float32", compiled: await compileAs("float32", instance, seed) };
  }
}

async function compileAs(type: FloatType, instance: OperatorCase, seed: number): Promise<Compiled> {
  const draw = new Draw(seed ^ 0x5bd1e995);
  const g = new Graph();
  const feeds: Record<string, HostArray> = {};
  const checked = new Map<string, Tensor>();
  const input = (key: string, dtype: Tensor["dtype"], shape: readonly number[], data: HostArray) => {
    feeds[key] = data;
    return g.input(key, dtype, shape);
  };
  const tensors = instance.inputs.map(({ dtype, shape, values, checked: wanted }, i) => {
    const key = `x${i}`;
    const resolved = dtype === "float" ? type : dtype;
    const tensor = input(key, resolved, shape, draw.values(resolved, shape, values));
    if (dtype === "float" || wanted === true) checked.set(key, tensor);
    return tensor;
  });
  const floats = instance.apply(tensors).filter(({ dtype }) => dtype === type || dtype === "float32");
  const outputs = Object.fromEntries(floats.map((t, i) => [`y${i}`, t]));
  // A fixed random weight per output element makes a scalar that every element matters to.
  const weighted = floats.map((t, i) => {
    const weights = draw.values(t.dtype, t.shape, { kind: "uniform", low: -1, high: 1 });
    return reduceSum(mul(t, input(`c${i}`, t.dtype, t.shape, weights)));
  });
  const loss = weighted.reduce((a, b) => add(a, b));
  const found = gradients(loss, [...checked.values()]);
  [...checked.keys()].forEach((key, i) => (outputs[`d${key}`] = found[i]!));
  const runner = await onnxruntimeHere(g, outputs);
  return { runner, feeds, checked: [...checked.keys()], outputs: floats.map((_, i) => `y${i}`) };
}

async function checkGradients({ runner, feeds, checked, outputs }: Compiled, type: FloatType): Promise<void> {
  const { step, tolerance } = PRECISION[type];
  const analytic = await runner.run(feeds);
  const lossAt = async () => {
    const values = await runner.run(feeds);
    return outputs.reduce((sum, y) => sum + dot(values[y]!, feeds[y.replace("y", "c")]!), 0);
  };
  for (const key of checked) {
    const x = feeds[key] as Float64Array | Float32Array;
    const gradient = analytic[`d${key}`] as Float64Array | Float32Array;
    expect(gradient.length).toBe(x.length);
    expect(checked.length).toBeGreaterThan(0);
    const stride = Math.ceil(x.length / 24); // every element of small inputs, a spread of larger ones
    for (let i = 0; i < x.length; i += stride) {
      const middle = x[i]!;
      x[i] = middle + step;
      const [above, right] = [await lossAt(), x[i]!];
      x[i] = middle - step;
      const [below, left] = [await lossAt(), x[i]!];
      x[i] = middle;
      const numeric = (above - below) / (right - left);
      const error = Math.abs(numeric - gradient[i]!) / Math.max(1, Math.abs(numeric));
      expect(error, `${key}[${i}]: central difference ${numeric}, derivative ${gradient[i]}`).toBeLessThan(tolerance);
    }
  }
}

function dot(a: HostArray, b: HostArray): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Number(a[i]!) * Number(b[i]!);
  return sum;
}
