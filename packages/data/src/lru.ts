/**
 * Keeps at most `limit` values alive by key, dropping the least recently used. Values are made once even when asked for
 * concurrently; a failed one is forgotten. `weigh` counts a value against the limit (default 1 each).
 */
export class Lru<V> {
  readonly #entries = new Map<string, { value: Promise<V>; weight: number }>();
  readonly #limit: number;
  readonly #weigh: (value: V) => number;
  readonly #drop: (value: V) => Promise<void> | void;
  #total = 0;

  constructor(
    limit: number,
    drop: (value: V) => Promise<void> | void = () => undefined,
    weigh: (value: V) => number = () => 1,
  ) {
    this.#limit = limit;
    this.#drop = drop;
    this.#weigh = weigh;
  }

  async get(key: string, make: () => Promise<V>): Promise<V> {
    const known = this.#entries.get(key);
    if (known) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known.value;
    }
    const entry = { value: make(), weight: 0 };
    this.#entries.set(key, entry);
    try {
      const value = await entry.value;
      entry.weight = this.#weigh(value);
      this.#total += entry.weight;
      await this.#trim(this.#limit, key);
      return value;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  async clear(): Promise<void> {
    await this.#trim(0, undefined);
  }

  async #trim(limit: number, keep: string | undefined): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (this.#total <= limit && limit > 0) return;
      if (key === keep) continue;
      this.#entries.delete(key);
      const value = await entry.value.catch(() => undefined);
      this.#total -= entry.weight;
      if (value !== undefined) await this.#drop(value);
    }
  }
}
