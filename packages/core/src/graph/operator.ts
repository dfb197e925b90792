import type { DType, HostArray } from "./dtype.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

export type AttributeValue = number | string | readonly number[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** How an attribute is written in ONNX. `none`: used by our rules only, or written as a constant input. */
export type AttributeKind = "int" | "float" | "ints" | "floats" | "string" | "none";

/** A constant the ONNX form of an operator takes as an extra input, e.g. the target shape of Reshape. */
export interface ConstantInput {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: HostArray;
}

/** Everything a derivative rule may look at. */
export interface GradientContext<A extends Attributes = Attributes> {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly Tensor[];
  /** Gradient of the loss with respect to each output; undefined where the loss does not depend on it. */
  readonly outputGradients: readonly (Tensor | undefined)[];
  readonly attributes: A;
  /** Whether input `i` leads to anything that is differentiated. Rules skip work for the others. */
  needs(inputIndex: number): boolean;
}

export type GradientRule<A extends Attributes> = (context: GradientContext<A>) => readonly (Tensor | undefined)[];

/**
 * One ONNX operator: name, documentation, shape rule and derivative, side by side. To add an operator, copy a file of
 * `ops/` that resembles it; nothing else in core needs to change. Engines that interpret graphs (tfjs) need a kernel of
 * the same name.
 */
export interface OperatorDefinition<A extends Attributes> {
  /** ONNX operator name. */
  readonly name: string;
  /** ONNX domain; `com.microsoft` for onnxruntime's own operators. */
  readonly domain?: "" | "com.microsoft";
  /** One sentence: what it computes. */
  readonly summary: string;
  readonly attributes: Readonly<Record<keyof A & string, AttributeKind>>;
  /** Output types from input types. Refuses with `operatorMismatch(...)`. */
  infer(inputs: readonly (TensorType | undefined)[], attributes: A): readonly TensorType[];
  /** Gradients per input, or why there are none. */
  readonly gradient: GradientRule<A> | "not differentiable";
  /** Floating-point operations of one application; defaults to one per output element. */
  flops?(inputs: readonly (TensorType | undefined)[], outputs: readonly TensorType[], attributes: A): number;
  /** Extra constant inputs of the ONNX form, after the tensor inputs; `undefined` leaves a gap. */
  constantInputs?(attributes: A, inputs: readonly (TensorType | undefined)[]): readonly (ConstantInput | undefined)[];
}

/** An operator with its attribute type forgotten, as nodes refer to it. */
export type Operator = OperatorDefinition<Attributes>;

/** Declares an operator. The attribute type is checked inside the definition and forgotten outside. */
export function defineOperator<A extends Attributes>(definition: OperatorDefinition<A>): Operator {
  return definition as unknown as Operator;
}

/** An int64 vector as a constant input. */
export function int64Input(values: readonly number[]): ConstantInput {
  return { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, (v) => BigInt(v)) };
}

/** Why an operator refuses its inputs; `Graph.emit` turns it into the user's sentence. */
export class OperatorMismatch extends Error {
  readonly found: string;
  readonly needed: string;
  readonly fix: string | undefined;

  constructor(found: string, needed: string, fix?: string) {
    super(`${found}; needs ${needed}`);
    this.found = found;
    this.needed = needed;
    this.fix = fix;
  }
}

/** Refuses the inputs of an operator inside `infer`. */
export function operatorMismatch(found: string, needed: string, fix?: string): OperatorMismatch {
  return new OperatorMismatch(found, needed, fix);
}
