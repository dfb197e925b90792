import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  extractProgram,
  gradients,
  mul,
  reduceSum,
  sum,
  type Graph,
  type HostArray,
  type Tensor,
} from "@pixelvla/core";
import {
  bindAllParameters,
  openCheckpoint,
  readTensor,
  type Checkpoint,
  type NameMap,
} from "@pixelvla/data/checkpoints";
import { onnxruntimeEngine } from "@pixelvla/engines";

/** A golden: tensors the original computed, its weights in the public layout, and the recipe that made both. */
export interface Golden {
  readonly name: string;
  readonly json: {
    readonly config: Readonly<Record<string, unknown>>;
    readonly meaning: Readonly<Record<string, string>>;
  };
  readonly tensors: Checkpoint;
  readonly weights: Checkpoint;
  /** One tensor as float32. */
  read(name: string): Promise<Float32Array>;
}

/** Opens `NAME.json`, `NAME.safetensors` and, if present, `NAME.weights.safetensors` of a golden folder. */
export async function openGolden(folder: URL, name: string): Promise<Golden> {
  const path = (suffix: string) => join(fileURLToPath(folder), `${name}${suffix}`);
  const tensors = await openCheckpoint(path(".safetensors"));
  const weightsFile = path(".weights.safetensors");
  return {
    name,
    json: JSON.parse(readFileSync(path(".json"), "utf8")) as Golden["json"],
    tensors,
    weights: existsSync(weightsFile) ? await openCheckpoint(weightsFile) : tensors,
    read(tensor) {
      const stored = tensors.tensors.get(tensor);
      if (stored === undefined) throw new Error(`golden "${name}" has no tensor "${tensor}"`);
      return readTensor(stored);
    },
  };
}

export interface GoldenCheck {
  readonly golden: Golden;
  readonly graph: Graph;
  readonly names: NameMap;
  /** Feeds by input name. */
  readonly feeds: Readonly<Record<string, HostArray>>;
  /** Our tensors by the golden's output name (`output.X` without prefix). */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Our inputs whose gradients the golden holds, by the golden's name (`grad.X` without prefix). */
  readonly inputGradients?: Readonly<Record<string, Tensor>>;
  /** Prefix of output, cotangent and gradient tensors, e.g. `block.`. */
  readonly prefix?: string;
  /** Whether parameter gradients are compared; default true. Only those the golden holds are. */
  readonly parameterGradients?: boolean;
}

export interface GoldenDifference {
  readonly tensor: string;
  /** Largest absolute difference over the largest absolute expected value. */
  readonly relative: number;
}

/**
 * Runs our graph with the original's weights and gives the difference of every output, and of every gradient of
 * sum over outputs of sum(output * cotangent), that the golden holds.
 */
export async function goldenDifferences(
  check: GoldenCheck,
): Promise<{ outputs: GoldenDifference[]; gradients: GoldenDifference[] }> {
  const { golden, graph, outputs, prefix = "" } = check;
  bindAllParameters(graph, golden.weights, check.names);
  const feeds: Record<string, HostArray> = { ...check.feeds };
  const terms: Tensor[] = [];
  for (const [name, tensor] of Object.entries(outputs)) {
    if (!golden.tensors.tensors.has(`${prefix}cotangent.${name}`)) continue;
    const cotangent = graph.input(`cotangent.${name}`, "float32", tensor.shape);
    feeds[`cotangent.${name}`] = await golden.read(`${prefix}cotangent.${name}`);
    terms.push(reduceSum(mul(tensor, cotangent)));
  }

  const wanted: { expected: string; tensor: Tensor }[] = [];
  if (terms.length > 0) {
    for (const [name, tensor] of Object.entries(check.inputGradients ?? {}))
      wanted.push({ expected: `${prefix}grad.${name}`, tensor });
    if (check.parameterGradients !== false) {
      for (const { name, tensor } of graph.parameters.values()) {
        const expected = check
          .names(name)
          .map((n) => `${prefix}grad.${n}`)
          .find((n) => golden.tensors.tensors.has(n));
        if (expected !== undefined) wanted.push({ expected, tensor });
      }
    }
  }
  const [first, ...rest] = terms;
  const computed =
    first === undefined || wanted.length === 0
      ? []
      : gradients(
          sum([first, ...rest]),
          wanted.map((w) => w.tensor),
        );
  const gradientOutputs = Object.fromEntries(wanted.map((w, i) => [w.expected, computed[i]!]));
  const program = extractProgram(graph, { ...outputs, ...gradientOutputs });
  const executable = await onnxruntimeEngine().compile(program, { threads: 1 });
  try {
    const result = await executable.run(Object.fromEntries(executable.inputNames.map((n) => [n, feeds[n]!])));
    const compareAll = async (pairs: readonly (readonly [string, string])[]): Promise<GoldenDifference[]> => {
      const expected = await Promise.all(pairs.map(([tensor]) => golden.read(tensor)));
      // Some gradients are zero by nature (the bias of keys) and hold rounding noise: judge it by the others' size.
      const floor = 1e-4 * Math.max(...expected.map(largest));
      return pairs.map(([tensor, ours], i) => ({
        tensor,
        relative: relativeDifference(result[ours] as Float32Array, expected[i]!, floor),
      }));
    };
    return {
      outputs: await compareAll(Object.keys(outputs).map((name) => [`${prefix}output.${name}`, name])),
      gradients: await compareAll(wanted.map((w) => [w.expected, w.expected])),
    };
  } finally {
    await executable.dispose();
  }
}

/** Largest absolute difference over the largest absolute expected value, which counts as `floor` at least. */
export function relativeDifference(found: Float32Array, expected: Float32Array, floor = 1e-6): number {
  if (found.length !== expected.length) return Infinity;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(found[i]! - expected[i]!);
    difference = Number.isNaN(d) ? Infinity : Math.max(difference, d);
  }
  return difference / Math.max(floor, largest(expected));
}

function largest(values: Float32Array): number {
  return values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}
