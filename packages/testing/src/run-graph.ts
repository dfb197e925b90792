import { extractProgram, initialValues, Random, sizeOf, type Graph, type HostArray, type Tensor } from "@pixelvla/core";
import { onnxruntimeEngine } from "@pixelvla/engines";

/** Values by input name. */
export type GraphFeeds = Readonly<Record<string, HostArray>>;

/**
 * Runs tensors of a graph once, with the first values its parameters have under seed 1. Parameters depend on seed and name alone, so
 * that two graphs that name a part alike have the same weights in it.
 *
 * @param feeds by input name; those the outputs do not need are passed over
 */
export async function runGraph(
  graph: Graph,
  outputs: Readonly<Record<string, Tensor>>,
  feeds: GraphFeeds,
): Promise<Record<string, Float32Array>> {
  const [result] = await runGraphs(graph, outputs, feeds);
  return result;
}

/** The same on several feeds, compiled once: one result each. */
export async function runGraphs<F extends readonly GraphFeeds[]>(
  graph: Graph,
  outputs: Readonly<Record<string, Tensor>>,
  ...several: F
): Promise<{ [K in keyof F]: Record<string, Float32Array> }> {
  const program = extractProgram(graph, outputs);
  const values = new Map(program.parameters.map((parameter) => [parameter.name, initialValues(parameter, 1)]));
  const executable = await onnxruntimeEngine({ provider: "cpu" }).compile(program, { values, threads: 1 });
  try {
    const results: Record<string, Float32Array>[] = [];
    for (const feeds of several) {
      const wanted = executable.inputNames.map((name) => {
        const value = feeds[name];
        if (value === undefined) throw new Error(`running a graph: nothing is fed for input "${name}"`);
        return [name, value] as const;
      });
      results.push((await executable.run(Object.fromEntries(wanted))) as Record<string, Float32Array>);
    }
    return results as { [K in keyof F]: Record<string, Float32Array> };
  } finally {
    await executable.dispose();
  }
}

/** Normal numbers for every float input of a graph, whole numbers below 8 for the others; `given` wins. */
export function randomFeeds(graph: Graph, given: GraphFeeds = {}, seed = "feeds"): Record<string, HostArray> {
  const random = new Random(seed);
  const feeds: Record<string, HostArray> = {};
  for (const [name, { dtype, shape }] of graph.inputs) {
    const size = sizeOf(shape);
    const drawn =
      dtype === "int64"
        ? BigInt64Array.from({ length: size }, () => BigInt(random.integer(8)))
        : Float32Array.from({ length: size }, () => random.normal());
    feeds[name] = given[name] ?? drawn;
  }
  return feeds;
}

/** Largest absolute difference of two arrays of one length; Infinity where either has a NaN or the lengths differ. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    largest = Number.isNaN(difference) ? Infinity : Math.max(largest, difference);
  }
  return largest;
}
