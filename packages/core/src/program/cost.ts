import { GRADIENT_SCOPE } from "../autodiff/gradients.ts";
import { byteSize } from "../graph/dtype.ts";
import type { GraphNode } from "../graph/node.ts";
import type { Parameter } from "../graph/parameter.ts";
import { sizeOf } from "../graph/shape.ts";
import type { Tensor } from "../graph/tensor.ts";
import type { Program } from "./program.ts";

/** Operators whose output shares its input's memory. */
const ALIASES = new Set(["Reshape", "Identity"]);

export interface PartCost {
  readonly part: string;
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Bytes the weights take as stored (bf16 files count 2 bytes an element). */
  readonly weightBytes: number;
  readonly forwardFlops: number;
  readonly backwardFlops: number;
}

export interface ProgramCost {
  readonly parts: readonly PartCost[];
  readonly total: PartCost;
  /** Largest sum of live intermediate tensors during one run, buffers freed after their last use. */
  readonly peakActivationBytes: number;
  /** Gradient buffers: float32 per trainable parameter. */
  readonly gradientBytes: number;
  /** AdamW moments: two float32 per trainable parameter. */
  readonly optimizerBytes: number;
}

export interface CostOptions {
  readonly trainable?: (parameter: Parameter) => boolean;
  /** Leading scope segments that name a part; 1 gives `backbone`, 2 gives `backbone.layers`. */
  readonly depth?: number;
}

/** Parameters, operations and memory of a program per part, without running it. */
export function programCost(program: Program, { trainable = () => false, depth = 1 }: CostOptions = {}): ProgramCost {
  const parts = new Map<string, { -readonly [K in keyof PartCost]: PartCost[K] }>();
  const partOf = (scope: string) => {
    const part = scope.split(".").slice(0, depth).join(".") || "(graph)";
    let cost = parts.get(part);
    if (cost === undefined) {
      cost = { part, parameters: 0, trainableParameters: 0, weightBytes: 0, forwardFlops: 0, backwardFlops: 0 };
      parts.set(part, cost);
    }
    return cost;
  };

  for (const parameter of program.parameters) {
    const cost = partOf(parameter.name);
    const count = sizeOf(parameter.tensor.shape);
    cost.parameters += count;
    if (trainable(parameter)) cost.trainableParameters += count;
    cost.weightBytes += byteSize(storedDtype(parameter), count);
  }
  for (const node of program.nodes) {
    const backward = node.scope === GRADIENT_SCOPE || node.scope.startsWith(`${GRADIENT_SCOPE}.`);
    const cost = partOf(backward ? node.scope.slice(GRADIENT_SCOPE.length + 1) : node.scope);
    if (backward) cost.backwardFlops += nodeFlops(node);
    else cost.forwardFlops += nodeFlops(node);
  }

  const list = [...parts.values()];
  const sum = (key: Exclude<keyof PartCost, "part">) => list.reduce((total, part) => total + part[key], 0);
  const total: PartCost = {
    part: "total",
    parameters: sum("parameters"),
    trainableParameters: sum("trainableParameters"),
    weightBytes: sum("weightBytes"),
    forwardFlops: sum("forwardFlops"),
    backwardFlops: sum("backwardFlops"),
  };
  return {
    parts: list,
    total,
    peakActivationBytes: peakActivationBytes(program),
    gradientBytes: 4 * total.trainableParameters,
    optimizerBytes: 8 * total.trainableParameters,
  };
}

/** Floating-point operations of one node; one per output element unless its operator says otherwise. */
export function nodeFlops(node: GraphNode): number {
  const { flops } = node.operator;
  if (flops !== undefined) return flops(node.inputs, node.outputs, node.attributes);
  return node.outputs.reduce((sum, t) => sum + sizeOf(t.shape), 0);
}

function storedDtype({ source, tensor }: Parameter) {
  return source.kind === "file" ? source.dtype : tensor.dtype;
}

/** Follows the live set through the nodes in order; aliasing operators take no memory of their own. */
function peakActivationBytes(program: Program): number {
  const root = (tensor: Tensor): Tensor => {
    let t = tensor;
    while (t.origin.kind === "node" && ALIASES.has(t.origin.node.operator.name)) t = t.origin.node.inputs[0]!;
    return t;
  };
  const lastUse = new Map<Tensor, number>();
  program.nodes.forEach((node, i) => {
    for (const t of node.inputs) if (t !== undefined) lastUse.set(root(t), i);
  });
  for (const t of program.outputs.values()) lastUse.set(root(t), program.nodes.length);

  const freedAt = new Map<number, Tensor[]>();
  let live = 0;
  let peak = 0;
  program.nodes.forEach((node, i) => {
    if (!ALIASES.has(node.operator.name)) {
      for (const t of node.outputs) {
        const end = lastUse.get(t);
        if (end === undefined) continue;
        live += byteSize(t.dtype, sizeOf(t.shape));
        const list = freedAt.get(end);
        if (list === undefined) freedAt.set(end, [t]);
        else list.push(t);
      }
    }
    peak = Math.max(peak, live);
    for (const t of freedAt.get(i) ?? []) live -= byteSize(t.dtype, sizeOf(t.shape));
  });
  return peak;
}
