import type { DType, HostArray } from "./dtype.ts";
import { duplicateName, foreignTensor, shapeMismatch } from "./errors.ts";
import type { GraphNode } from "./node.ts";
import { OperatorMismatch, type Attributes, type Operator } from "./operator.ts";
import type { Parameter, ParameterSource } from "./parameter.ts";
import { formatShape, sameShape, sizeOf, type Shape } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/**
 * A static dataflow graph under construction. Parts of a policy emit nodes into it; nothing runs here and no weight is
 * read. Nodes are kept in order of creation, which is a topological order.
 */
export class Graph {
  readonly nodes: GraphNode[] = [];
  readonly inputs = new Map<string, Tensor>();
  readonly parameters = new Map<string, Parameter>();
  #nextTensorId = 0;
  #reusing = 0;
  #scope: string[] = [];
  readonly #scalars = new Map<string, Tensor>();

  /** Dotted path of the part being built. */
  get scope(): string {
    return this.#scope.join(".");
  }

  /** Runs `build` with `name` appended to the scope, so that its nodes and parameters are attributed to that part. */
  within<T>(name: string, build: () => T): T {
    this.#scope.push(name);
    try {
      return build();
    } finally {
      this.#scope.pop();
    }
  }

  /** Runs `build` with the scope replaced, for passes that add nodes on behalf of an existing part. */
  withScope<T>(scope: string, build: () => T): T {
    const saved = this.#scope;
    this.#scope = scope === "" ? [] : [scope];
    try {
      return build();
    } finally {
      this.#scope = saved;
    }
  }

  /**
   * Runs `build` so that parameters which already exist are used again instead of refused: the second and later
   * applications of the same layers (Euler steps, decoding steps, cached and uncached paths).
   */
  reusing<T>(build: () => T): T {
    this.#reusing++;
    try {
      return build();
    } finally {
      this.#reusing--;
    }
  }

  /**
   * A tensor fed at every run. Names are global, not scoped: they are the policy's interface.
   * @throws PVLA_DUPLICATE_NAME
   */
  input(name: string, dtype: DType, shape: Shape): Tensor {
    if (this.inputs.has(name)) throw duplicateName("input", name);
    const tensor = this.#tensor(dtype, shape, () => ({ kind: "input", name }));
    this.inputs.set(name, tensor);
    return tensor;
  }

  /**
   * A learned tensor, named within the current scope.
   * @throws PVLA_DUPLICATE_NAME when the name is taken (and `reusing` is not in force)
   */
  parameter(name: string, shape: Shape, source: ParameterSource, dtype: DType = "float32"): Tensor {
    const fullName = this.#scope.length === 0 ? name : `${this.scope}.${name}`;
    const existing = this.parameters.get(fullName);
    if (existing !== undefined) {
      if (this.#reusing > 0 && sameShape(existing.tensor.shape, shape)) return existing.tensor;
      throw duplicateName("parameter", fullName);
    }
    return this.#tensor(dtype, shape, (tensor) => {
      const parameter: Parameter = { name: fullName, tensor, source };
      this.parameters.set(fullName, parameter);
      return { kind: "parameter", parameter };
    });
  }

  /** A fixed tensor. int64 data is a BigInt64Array; bool data a Uint8Array of 0 and 1. */
  constant(dtype: DType, shape: Shape, data: HostArray): Tensor {
    const expected = dtype === "uint4" ? Math.ceil(sizeOf(shape) / 2) : sizeOf(shape);
    if (data.length !== expected) {
      throw shapeMismatch("Constant", this.scope, [{ dtype, shape }], {
        found: `${data.length} values`,
        needed: `${expected} for shape ${formatShape(shape)}`,
      });
    }
    return this.#tensor(dtype, shape, () => ({ kind: "constant", data }));
  }

  /** A float32 (default), int64 or float64 scalar; equal scalars share one tensor. */
  scalar(value: number, dtype: "float32" | "int64" | "float64" = "float32"): Tensor {
    const key = `${dtype}:${Object.is(value, -0) ? "-0" : value}`;
    let tensor = this.#scalars.get(key);
    if (tensor === undefined) {
      const data =
        dtype === "int64"
          ? BigInt64Array.of(BigInt(value))
          : dtype === "float64"
            ? Float64Array.of(value)
            : Float32Array.of(value);
      tensor = this.constant(dtype, [], data);
      this.#scalars.set(key, tensor);
    }
    return tensor;
  }

  /**
   * Appends one operator and returns its outputs. Prefer the functions of `ops/`, which have proper signatures.
   * @throws PVLA_SHAPE when the operator's shape rule refuses the inputs
   */
  emit(operator: Operator, inputs: readonly (Tensor | undefined)[], attributes: Attributes = {}): readonly Tensor[] {
    if (inputs.some((t) => t !== undefined && t.graph !== this)) throw foreignTensor(operator.name);
    let types;
    try {
      types = operator.infer(inputs, attributes);
    } catch (error) {
      if (error instanceof OperatorMismatch) throw shapeMismatch(operator.name, this.scope, inputs, error);
      throw error;
    }
    const outputs: Tensor[] = [];
    const node: GraphNode = { index: this.nodes.length, operator, inputs, attributes, scope: this.scope, outputs };
    this.nodes.push(node);
    types.forEach(({ dtype, shape }, outputIndex) => {
      outputs.push(this.#tensor(dtype, shape, () => ({ kind: "node", node, outputIndex })));
    });
    return outputs;
  }

  #tensor(dtype: DType, shape: Shape, origin: ConstructorParameters<typeof Tensor>[4]): Tensor {
    return new Tensor(this, this.#nextTensorId++, dtype, Object.freeze([...shape]), origin);
  }
}

/** Appends a one-output operator to the graph of its first input. */
export function emitOne(
  operator: Operator,
  inputs: readonly [Tensor, ...(Tensor | undefined)[]],
  attributes: Attributes = {},
): Tensor {
  return inputs[0].graph.emit(operator, inputs, attributes)[0]!;
}
