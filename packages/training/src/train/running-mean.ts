/** Mean of the last `size` values. */
export class RunningMean {
  readonly #values: number[] = [];
  readonly #size: number;

  constructor(size: number) {
    this.#size = Math.max(1, Math.floor(size));
  }

  get isFull(): boolean {
    return this.#values.length === this.#size;
  }

  add(value: number): number {
    this.#values.push(value);
    if (this.#values.length > this.#size) this.#values.shift();
    return this.#values.reduce((a, b) => a + b, 0) / this.#values.length;
  }
}
