import type { Executable } from "@pixelvla/engines";

interface Entry {
  readonly ready: Promise<Executable>;
  users: number;
  evicted: boolean;
}

/**
 * Compiled programs by key, the most recently used kept. A program in use is never disposed under its user: eviction
 * waits for the last one.
 */
export class ExecutableCache {
  readonly #limit: number;
  readonly #entries = new Map<string, Entry>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `use` with the program of `key`, compiled now if it is not there. A failed compilation is not kept. */
  async with<T>(
    key: string,
    compile: () => Promise<Executable>,
    use: (executable: Executable) => Promise<T>,
  ): Promise<T> {
    const entry = this.#take(key, compile);
    entry.users++;
    try {
      return await use(await entry.ready);
    } finally {
      entry.users--;
      if (entry.evicted) await this.#release(entry);
    }
  }

  /** Disposes everything; programs in use when their users are done. */
  async dispose(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(entries.map((entry) => this.#evict(entry)));
  }

  #take(key: string, compile: () => Promise<Executable>): Entry {
    const known = this.#entries.get(key);
    const entry = known ?? { ready: compile(), users: 0, evicted: false };
    this.#entries.delete(key);
    this.#entries.set(key, entry); // last is most recent
    if (known === undefined) {
      entry.ready.catch(() => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
      });
      for (const [oldKey, old] of this.#entries) {
        if (this.#entries.size <= this.#limit) break;
        this.#entries.delete(oldKey);
        void this.#evict(old);
      }
    }
    return entry;
  }

  async #evict(entry: Entry): Promise<void> {
    entry.evicted = true;
    await this.#release(entry);
  }

  async #release(entry: Entry): Promise<void> {
    if (entry.users > 0) return;
    const executable = await entry.ready.catch(() => undefined);
    await executable?.dispose();
  }
}
