import type { Attributes, Operator } from "./operator.ts";
import type { Tensor } from "./tensor.ts";

/** One application of an operator. */
export interface GraphNode {
  /** Position in the graph's list of nodes, which is a topological order. */
  readonly index: number;
  readonly operator: Operator;
  /** `undefined` stands for an omitted optional input. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: Attributes;
  /** Dotted path of the part that emitted it, e.g. `backbone.layers.0`. */
  readonly scope: string;
  readonly outputs: readonly Tensor[];
}
