import { hostArray, Random, sizeOf, type DType, type HostArray } from "@pixelvla/core";

/** How the elements of an input are drawn. */
export type Values =
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  /** Multiples of 0.4 plus an offset: two such inputs with different offsets never meet. */
  | { readonly kind: "grid"; readonly offset: number }
  /** All different, in random order, 0.3 apart. */
  | { readonly kind: "distinct" }
  /** Whole numbers in [low, high). */
  | { readonly kind: "integers"; readonly low: number; readonly high: number };

/** Random shapes and values for one test instance, all from one seed. */
export class Draw {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** A whole number in [low, high]. */
  int(low: number, high: number): number {
    return low + this.#random.integer(high - low + 1);
  }

  pick<T>(options: readonly T[]): T {
    return options[this.#random.integer(options.length)]!;
  }

  /** A shape of rank in [low, high] with axes of 1 to 4. */
  shape(low = 1, high = 4): number[] {
    return Array.from({ length: this.int(low, high) }, () => this.int(1, 4));
  }

  /** `shape` with some axes set to 1 and perhaps leading ones dropped: something that broadcasts to it. */
  broadcastable(shape: readonly number[]): number[] {
    const kept = shape.slice(this.int(0, shape.length));
    return kept.map((dim) => (this.int(0, 2) === 0 ? 1 : dim));
  }

  permutation(rank: number): number[] {
    return this.#random.shuffled([...Array(rank).keys()]);
  }

  /** A non-empty subset of the axes, increasing. */
  axes(rank: number): number[] {
    const count = this.int(1, rank);
    return this.permutation(rank)
      .slice(0, count)
      .sort((a, b) => a - b);
  }

  values(dtype: DType, shape: readonly number[], values: Values): HostArray {
    const data = hostArray(dtype, sizeOf(shape));
    const order = values.kind === "distinct" ? this.permutation(data.length) : [];
    for (let i = 0; i < data.length; i++) {
      const value = this.#value(values, order[i] ?? 0);
      if (data instanceof BigInt64Array) data[i] = BigInt(value);
      else data[i] = value;
    }
    return data;
  }

  #value(values: Values, rank: number): number {
    switch (values.kind) {
      case "uniform":
        return values.low + (values.high - values.low) * this.#random.uniform();
      case "grid":
        return 0.4 * this.int(-4, 4) + values.offset;
      case "distinct":
        return 0.3 * rank - 1;
      case "integers":
        return this.int(values.low, values.high - 1);
    }
  }
}
