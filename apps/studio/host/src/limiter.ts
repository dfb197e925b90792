/** Lets at most `width` tasks work at the same time; the rest wait in order. */
export class Limiter {
  readonly #width: number;
  readonly #waiting: (() => void)[] = [];
  #active = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** Runs `task` when there is room and gives its result. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    const leave = await this.enter();
    try {
      return await task();
    } finally {
      leave();
    }
  }

  /** Waits for room; gives what to call when the work is over. */
  async enter(): Promise<() => void> {
    if (this.#active >= this.#width) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#active++;
    return () => {
      const next = this.#waiting.shift();
      if (next === undefined) this.#active--;
      else next(); // hands its place over
    };
  }
}
