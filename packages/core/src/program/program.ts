import type { Graph } from "../graph/graph.ts";
import type { GraphNode } from "../graph/node.ts";
import type { Parameter } from "../graph/parameter.ts";
import type { Tensor } from "../graph/tensor.ts";

/** A runnable cut of a graph: named outputs and everything they need. */
export interface Program {
  readonly graph: Graph;
  /** Values fed at every run, by name, in the order of their tensors. */
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  /** Needed nodes in topological order. */
  readonly nodes: readonly GraphNode[];
  readonly parameters: readonly Parameter[];
  readonly constants: readonly Tensor[];
}

/**
 * Cuts out what `outputs` need. Tensors of `boundary` are fed instead of computed (the frozen prefix's results, or a
 * key-value cache).
 */
export function extractProgram(
  graph: Graph,
  outputs: Readonly<Record<string, Tensor>>,
  boundary: Readonly<Record<string, Tensor>> = {},
): Program {
  const fed = new Map(Object.entries(boundary).map(([name, tensor]) => [tensor, name]));
  const needed = new Set<GraphNode>();
  const leaves = new Set<Tensor>();
  const stack = Object.values(outputs);
  const seen = new Set<Tensor>(stack);
  for (let tensor = stack.pop(); tensor !== undefined; tensor = stack.pop()) {
    if (fed.has(tensor) || tensor.origin.kind !== "node") {
      leaves.add(tensor);
      continue;
    }
    const { node } = tensor.origin;
    if (needed.has(node)) continue;
    needed.add(node);
    for (const input of node.inputs) {
      if (input !== undefined && !seen.has(input)) {
        seen.add(input);
        stack.push(input);
      }
    }
  }
  const ordered = [...leaves].sort((a, b) => a.id - b.id);
  const inputs = new Map<string, Tensor>();
  const parameters: Parameter[] = [];
  const constants: Tensor[] = [];
  for (const tensor of ordered) {
    const name = fed.get(tensor);
    if (name !== undefined) inputs.set(name, tensor);
    else if (tensor.origin.kind === "input") inputs.set(tensor.origin.name, tensor);
    else if (tensor.origin.kind === "parameter") parameters.push(tensor.origin.parameter);
    else if (tensor.origin.kind === "constant") constants.push(tensor);
  }
  return {
    graph,
    inputs,
    outputs: new Map(Object.entries(outputs)),
    nodes: [...needed].sort((a, b) => a.index - b.index),
    parameters,
    constants,
  };
}
