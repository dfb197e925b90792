import type { Graph } from "../graph/graph.ts";
import type { Parameter } from "../graph/parameter.ts";
import { sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import { extractProgram, type Program } from "./program.ts";

export interface Partition {
  /** Computes the boundary tensors, named `prefix.0`, `prefix.1`, ... Depends on no trainable parameter. Absent when nothing can be cut off. */
  readonly prefix: Program | undefined;
  /** Computes the outputs from the boundary tensors and what else they need. */
  readonly suffix: Program;
  readonly boundary: Readonly<Record<string, Tensor>>;
}

export interface PartitionOptions {
  readonly trainable: (parameter: Parameter) => boolean;
  /** Inputs that change between visits of the same sample (noise, time): nothing that depends on them is cached. */
  readonly volatileInputs?: readonly string[];
}

/**
 * Splits what `outputs` need into the frozen prefix, whose boundary tensors are computed once per sample and cached,
 * and the suffix that runs at every train step. A value belongs to the prefix when it depends on some input, on no
 * trainable parameter and on no volatile input; boundary tensors are the prefix values the suffix reads. Cheap index
 * and mask arithmetic (no float operations of weight) is left to the suffix instead of being cached.
 */
export function partitionFrozenPrefix(
  graph: Graph,
  outputs: Readonly<Record<string, Tensor>>,
  options: PartitionOptions,
): Partition {
  const whole = extractProgram(graph, outputs);
  const volatileInputs = new Set(options.volatileInputs ?? []);
  const moving = new Set<Tensor>();
  const fromInput = new Set<Tensor>();
  /** Values worth caching: some parameter or matrix product lies behind them. */
  const costly = new Set<Tensor>();

  for (const [name, tensor] of whole.inputs) {
    fromInput.add(tensor);
    if (volatileInputs.has(name)) moving.add(tensor);
  }
  for (const parameter of whole.parameters) if (options.trainable(parameter)) moving.add(parameter.tensor);

  const frozenParameters = new Set(whole.parameters.filter((p) => !moving.has(p.tensor)).map((p) => p.tensor));
  for (const node of whole.nodes) {
    const inputs = node.inputs.filter((t) => t !== undefined);
    for (const output of node.outputs) {
      if (inputs.some((t) => moving.has(t))) moving.add(output);
      if (inputs.some((t) => fromInput.has(t))) fromInput.add(output);
      if (inputs.some((t) => costly.has(t) || frozenParameters.has(t))) costly.add(output);
    }
  }

  const cacheable = (t: Tensor) => t.origin.kind === "node" && !moving.has(t) && fromInput.has(t) && costly.has(t);
  const boundaryTensors = new Set<Tensor>();
  for (const node of whole.nodes) {
    if (!node.outputs.some((t) => moving.has(t))) continue;
    for (const input of node.inputs) if (input !== undefined && cacheable(input)) boundaryTensors.add(input);
  }
  for (const tensor of Object.values(outputs)) if (cacheable(tensor)) boundaryTensors.add(tensor);

  const boundary = Object.fromEntries(
    [...boundaryTensors].sort((a, b) => a.id - b.id).map((t, i) => [`prefix.${i}`, t]),
  );
  if (boundaryTensors.size === 0) return { prefix: undefined, suffix: whole, boundary };
  return { prefix: extractProgram(graph, boundary), suffix: extractProgram(graph, outputs, boundary), boundary };
}

/** Elements one cached sample takes, for a batch of `batch` samples in the boundary tensors. */
export function boundaryElementsPerSample({ boundary }: Partition, batch: number): number {
  return Object.values(boundary).reduce((sum, t) => sum + sizeOf(t.shape) / batch, 0);
}
