import type { DType, HostArray } from "./dtype.ts";
import type { Graph } from "./graph.ts";
import type { GraphNode } from "./node.ts";
import type { Parameter } from "./parameter.ts";
import type { Shape } from "./shape.ts";

/** What a tensor is: fed at run time, learned, fixed, or computed by a node. */
export type TensorOrigin =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "parameter"; readonly parameter: Parameter }
  | { readonly kind: "constant"; readonly data: HostArray }
  | { readonly kind: "node"; readonly node: GraphNode; readonly outputIndex: number };

/** A value in a graph: a type and an origin, no data. */
export class Tensor {
  readonly graph: Graph;
  /** Unique in the graph, increasing in order of creation. */
  readonly id: number;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly origin: TensorOrigin;

  constructor(graph: Graph, id: number, dtype: DType, shape: Shape, origin: (self: Tensor) => TensorOrigin) {
    this.graph = graph;
    this.id = id;
    this.dtype = dtype;
    this.shape = shape;
    this.origin = origin(this);
  }

  get rank(): number {
    return this.shape.length;
  }
}
