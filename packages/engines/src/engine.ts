import type { HostArray, Parameter, Program } from "@pixelvla/core";

/** Where a graph can run. `auto` picks the fastest one present. */
export type ProviderName =
  | "cpu"
  | "webgpu"
  | "cuda"
  | "tensorrt"
  | "dml"
  | "coreml"
  | "tfjs-node-gpu"
  | "tfjs-node"
  | "tfjs-webgpu"
  | "tfjs-wasm";

/** Whether a provider can be used on this machine, and why not. */
export interface ProviderReport {
  readonly provider: ProviderName;
  readonly present: boolean;
  /** Device or version when present; the reason and the remedy when not. */
  readonly detail: string;
}

/** Values by input name. Elements in the host storage of the input's type; shapes are static and not repeated. */
export type Feeds = Readonly<Record<string, HostArray>>;
export type Outputs = Record<string, HostArray>;

export interface CompileOptions {
  /** Values of parameters by full name; they win over the parameters' own sources. */
  readonly values?: ReadonlyMap<string, Float32Array>;
  /** Seed of parameters that have an initialiser and no value. Default 0. */
  readonly seed?: number;
  /** Parameters fed at every run under their full names instead of being fixed in the compiled program. */
  readonly fed?: (parameter: Parameter) => boolean;
  /** Threads of one operator; default: the machine's physical cores as the runtime counts them. */
  readonly threads?: number;
  /**
   * Half-precision weights in files: `"once"` widens them to float32 when compiling (fast, twice the memory of the
   * file), `"every run"` leaves them mapped from the file and widens each as it is used. Default `"once"`.
   */
  readonly widenWeights?: "once" | "every run";
}

export interface RunOptions {
  /** Hands the feeds' memory over instead of copying it; their arrays are detached and must not be used again. */
  readonly transfer?: boolean;
  /** Outputs of an earlier run, written in place and returned; their arrays are detached meanwhile. */
  readonly into?: Outputs;
  /** Rejects the run. A run that has started finishes unobserved; one that waits never starts. */
  readonly signal?: AbortSignal;
  /** Rejects with PVLA_ENGINE_TIMEOUT after this many milliseconds, counted from the call. */
  readonly timeoutMs?: number;
}

/** A compiled program. Runs queue up; the event loop stays free. Dispose it when done. */
export interface Executable {
  readonly provider: ProviderName;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Runs once.
   * @throws PVLA_FEEDS, PVLA_ENGINE_RUN, PVLA_ENGINE_CRASHED, PVLA_ENGINE_TIMEOUT, PVLA_CANCELLED
   */
  run(feeds: Feeds, options?: RunOptions): Promise<Outputs>;
  dispose(): Promise<void>;
}

/** Turns programs into executables on one kind of runtime. */
export interface Engine {
  readonly name: string;
  /** Every provider of this engine: what is present, and why something is not. */
  providers(): Promise<readonly ProviderReport[]>;
  /** @throws PVLA_ENGINE_COMPILE, PVLA_PROVIDER_ABSENT */
  compile(program: Program, options?: CompileOptions): Promise<Executable>;
}
