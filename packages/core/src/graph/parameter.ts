import type { DType } from "./dtype.ts";
import type { Tensor } from "./tensor.ts";

/** How a parameter that no checkpoint provides gets its first value. Sampling is seeded by (seed, parameter name). */
export type Initialiser =
  | { readonly kind: "zeros" }
  | { readonly kind: "ones" }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly std: number }
  | { readonly kind: "truncated-normal"; readonly std: number }
  | { readonly kind: "uniform"; readonly bound: number }
  /** Explicit values, for fixed tables. */
  | { readonly kind: "values"; readonly values: Float32Array };

/** Where a parameter's values lie in a file, for use without reading or copying them. */
export interface FileRegion {
  readonly kind: "file";
  /** Path of the file, absolute or relative to the process. */
  readonly file: string;
  /** First byte of the tensor in the file. */
  readonly offset: number;
  readonly byteLength: number;
  /** Element type as stored; the graph casts where it differs from the parameter's own. */
  readonly dtype: DType;
}

export type ParameterSource = Initialiser | FileRegion;

/** A learned tensor of the policy. Whether it trains is decided when a graph is compiled, not here. */
export interface Parameter {
  /** Full dotted name, unique in the graph, e.g. `backbone.layers.0.attention.query.weight`. */
  readonly name: string;
  readonly tensor: Tensor;
  /** The initialiser given at build time, or the file region bound later (`bindParameters`). */
  source: ParameterSource;
}
