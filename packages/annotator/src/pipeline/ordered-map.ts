/**
 * Maps a stream with up to `capacity` items in work or waiting to be taken, giving results in the order of the source. The source
 * is read ahead in the background, so stages chained this way overlap, each with a bounded queue. An error ends the
 * stream at its place; what is in flight is awaited before the stream closes.
 */
export async function* orderedMap<T, R>(
  source: AsyncIterable<T> | Iterable<T>,
  capacity: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const queue = new Queue<R>(capacity);
  const producer = fill(queue, source, map);
  try {
    for (let next = await queue.take(); next !== undefined; next = await queue.take()) yield next.value;
    queue.rethrow();
  } finally {
    queue.close();
    await producer;
    await queue.settled();
  }
}

async function fill<T, R>(
  queue: Queue<R>,
  source: AsyncIterable<T> | Iterable<T>,
  map: (item: T) => Promise<R>,
): Promise<void> {
  try {
    for await (const item of source) {
      queue.push(map(item));
      if (!(await queue.hasRoom())) break;
    }
    queue.close();
  } catch (error) {
    queue.close(error);
  }
}

/** Results on their way, in order. */
class Queue<R> {
  readonly #capacity: number;
  readonly #results: Promise<R>[] = [];
  #waiting: (() => void)[] = [];
  #isClosed = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  push(result: Promise<R>): void {
    result.catch(() => undefined); // the consumer meets it in its turn
    this.#results.push(result);
    this.#wake();
  }

  /** Nothing more is added; `error` is what the source ended with. */
  close(error?: unknown): void {
    if (!this.#isClosed && error !== undefined) this.#failure = { error };
    this.#isClosed = true;
    this.#wake();
  }

  /** The oldest result, once it is there; undefined at the end. */
  async take(): Promise<{ readonly value: R } | undefined> {
    while (this.#results.length === 0 && !this.#isClosed) await this.#change();
    const [head] = this.#results;
    if (head === undefined) return undefined;
    const value = await head;
    void this.#results.shift();
    this.#wake();
    return { value };
  }

  /** Waits for room; false when nothing more is wanted. */
  async hasRoom(): Promise<boolean> {
    while (this.#results.length >= this.#capacity && !this.#isClosed) await this.#change();
    return !this.#isClosed;
  }

  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#results);
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const woken = this.#waiting;
    this.#waiting = [];
    for (const wake of woken) wake();
  }
}
