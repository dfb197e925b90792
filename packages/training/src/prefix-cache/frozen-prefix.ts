import { programCost, sizeOf, type HostArray, type Program } from "@pixelvla/core";
import { onnxruntimeEngine, type Executable } from "@pixelvla/engines";
import type { BuiltTraining } from "../train/build-program.ts";
import type { TrainingOptions } from "../training-options.ts";
import { defaultCacheFolder, type CacheSetup } from "./cache-setup.ts";
import type { CachedBatch } from "./cached-batches.ts";
import { cutFrozenPrefix, visitInputs } from "./cut-prefix.ts";
import { programKey } from "./program-key.ts";
import { RowCodec } from "./row-codec.ts";
import type { StoreReport } from "./row-store.ts";

/** Computing a row must be worth this many float operations a byte, or reading it back would save nothing. */
const FLOPS_PER_BYTE = 16;

export interface FrozenPrefixOptions {
  readonly built: BuiltTraining;
  readonly training: TrainingOptions;
  /** Whether samples carry masks and prompts, so that their augmentation matters. */
  readonly hasPrompts: boolean;
  /** Weights by parameter name; they win over the parameters' own sources. */
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly log: (text: string) => void;
}

/** Rows that were computed and are to be kept. */
export interface ComputedRows {
  readonly keys: readonly string[];
  readonly rows: readonly Uint8Array<ArrayBuffer>[];
}

/**
 * The part of a train step that no trained parameter reaches, compiled by itself. What it computes is kept per sample, so that
 * it runs once for each and not at every visit. Values kept as float32 give the bits of the uncut program.
 */
export class FrozenPrefix {
  readonly prefix: Program;
  /** The train step that reads the boundary values instead of computing them. */
  readonly suffix: Program;
  readonly setup: CacheSetup;
  readonly #executable: Executable;
  readonly #codec: RowCodec;
  readonly #batch: number;
  readonly #log: (text: string) => void;
  #found = 0;
  #asked = 0;
  readonly #told = new Set<string>();

  private constructor(
    { prefix, suffix }: { prefix: Program; suffix: Program },
    setup: CacheSetup,
    executable: Executable,
    batch: number,
    log: (text: string) => void,
  ) {
    this.prefix = prefix;
    this.suffix = suffix;
    this.setup = setup;
    this.#executable = executable;
    this.#codec = new RowCodec(setup.boundary, setup.dtype);
    this.#batch = batch;
    this.#log = log;
  }

  /** Cuts and compiles the prefix; undefined, with a sentence in the log, where there is none worth it or it is switched off. */
  static async open(options: FrozenPrefixOptions): Promise<FrozenPrefix | undefined> {
    const { built, training, hasPrompts, values, log } = options;
    const { cache, data, seed, provider, threads } = training;
    const { batch } = built.policy.shape;
    if (cache.prefix === "off") return undefined;
    const cut = cutFrozenPrefix(built.program, built.trained, visitInputs(data, hasPrompts), batch);
    if (cut.note !== undefined) log(cut.note);
    if (cut.prefix === undefined) return undefined;
    const { prefix, boundary } = cut;
    const { rowBytes } = new RowCodec(boundary, cache.dtype);
    const flops = programCost(prefix).total.forwardFlops / batch;
    if (flops < FLOPS_PER_BYTE * rowBytes) {
      log(`the frozen prefix is not cached: ${Math.round(flops)} operations for ${rowBytes} bytes a sample`);
      return undefined;
    }
    const setup: CacheSetup = {
      program: await programKey(prefix, { values, seed, provider, dtype: cache.dtype }),
      inputs: Object.fromEntries([...prefix.inputs].map(([name, { shape }]) => [name, sizeOf(shape) / batch])),
      boundary,
      dtype: cache.dtype,
      where: cache.prefix,
      root: cache.folder ?? defaultCacheFolder(),
      maxBytes: cache.maxGb * 1e9,
    };
    const executable = await onnxruntimeEngine({ provider }).compile(prefix, {
      values,
      seed,
      ...(threads === undefined ? {} : { threads }),
    });
    const mflop = (flops / 1e6).toFixed(1);
    log(
      `the frozen prefix (${mflop} MFLOP a sample) is cached ${place(setup)}: ${rowBytes} bytes a sample, ${cache.dtype}`,
    );
    return new FrozenPrefix(cut, setup, executable, batch, log);
  }

  /**
   * Whether a sample's values depend on that sample alone, bit for bit: runs a batch as it is and with its samples moved on by one place.
   * @param feeds inputs of the prefix for a whole batch
   */
  async isPerSample(feeds: Readonly<Record<string, HostArray>>): Promise<boolean> {
    if (this.#batch === 1) return true;
    const moved = Object.fromEntries(
      Object.entries(feeds).map(([name, values]) => [name, movedOn(values, this.setup.inputs[name]!)]),
    );
    const [straight, turned] = [await this.#executable.run(feeds), await this.#executable.run(moved)];
    return Array.from({ length: this.#batch }, (_, i) => i).every((i) => {
      const row = this.#codec.pack(straight, i);
      const other = this.#codec.pack(turned, (i + 1) % this.#batch);
      return Buffer.compare(row, other) === 0;
    });
  }

  /** Computes what is missing of a batch and fills it in. Returns the rows to keep. */
  async fill({ feeds, missing, report }: CachedBatch): Promise<ComputedRows | undefined> {
    this.#tell(report);
    const [first] = this.setup.boundary;
    const asked = feeds[first!.name]!.length / first!.perSample;
    this.#asked += asked;
    this.#found += asked - (missing?.samples.length ?? 0);
    if (missing === undefined) return undefined;
    const rows: Uint8Array<ArrayBuffer>[] = [];
    for (let from = 0; from < missing.samples.length; from += this.#batch) {
      const count = Math.min(this.#batch, missing.samples.length - from);
      const values = await this.#executable.run(this.#padded(missing.feeds, from, count), { transfer: true });
      for (let k = 0; k < count; k++) {
        const row = this.#codec.pack(values, k);
        this.#codec.unpack(row, feeds, missing.samples[from + k]!); // rounded as it is kept: hits and misses give the same bits
        rows.push(row);
      }
    }
    return { keys: missing.keys, rows };
  }

  /** Scalars of a row of metrics: the share of samples since the last call whose values were found, in [0, 1]. */
  metrics(): Record<string, number> {
    if (this.#asked === 0) return {};
    const prefixHitShare = this.#found / this.#asked;
    this.#found = this.#asked = 0;
    return { prefixHitShare };
  }

  dispose(): Promise<void> {
    return this.#executable.dispose();
  }

  /** Samples `from` to `from + count` as a whole batch; the last one fills the rest. */
  #padded(feeds: Readonly<Record<string, HostArray>>, from: number, count: number): Record<string, HostArray> {
    return Object.fromEntries(
      Object.entries(feeds).map(([name, values]) => {
        const perSample = this.setup.inputs[name]!;
        const padded = values.slice(0, 0).constructor as new (length: number) => HostArray;
        const target = new padded(this.#batch * perSample);
        for (let i = 0; i < this.#batch; i++) {
          const k = from + Math.min(i, count - 1);
          target.set(values.subarray(k * perSample, (k + 1) * perSample) as never, i * perSample);
        }
        return [name, target];
      }),
    );
  }

  /** What a user should know of the store, once. */
  #tell({ closedBecause, damaged, rows }: StoreReport): void {
    if (closedBecause !== undefined)
      this.#tellOnce(
        "closed",
        `the prefix cache stays at ${rows} samples: ${closedBecause}; others are computed at every visit`,
      );
    if (damaged > 0) this.#tellOnce("damaged", "damaged rows in the prefix cache were computed anew");
  }

  #tellOnce(topic: string, text: string): void {
    if (this.#told.has(topic)) return;
    this.#told.add(topic);
    this.#log(text);
  }
}

const place = ({ where, root, maxBytes }: CacheSetup) =>
  where === "disk" ? `in ${root} (at most ${maxBytes / 1e9} GB)` : `in memory (at most ${maxBytes / 1e9} GB)`;

/** The values of a batch with every sample one place further, the last one first. */
function movedOn(values: HostArray, perSample: number): HostArray {
  const moved = values.slice();
  moved.set(values.subarray(0, values.length - perSample) as never, perSample);
  moved.set(values.subarray(values.length - perSample) as never, 0);
  return moved;
}
