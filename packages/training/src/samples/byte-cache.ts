/** Keeps byte arrays up to a budget; the one unused for longest leaves first. */
export class ByteCache {
  readonly #entries = new Map<string, Uint8Array>();
  readonly #budget: number;
  #bytes = 0;

  constructor(budgetBytes: number) {
    this.#budget = budgetBytes;
  }

  async get(key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const found = this.#entries.get(key);
    if (found !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, found);
      return found;
    }
    const made = await make();
    this.#entries.set(key, made);
    this.#bytes += made.byteLength;
    for (const [oldest, bytes] of this.#entries) {
      if (this.#bytes <= this.#budget || oldest === key) break;
      this.#entries.delete(oldest);
      this.#bytes -= bytes.byteLength;
    }
    return made;
  }
}
