/** What a store has done since it was opened. */
export interface StoreReport {
  readonly rows: number;
  readonly bytes: number;
  /** Why nothing more is stored; undefined while there is room. */
  readonly closedBecause: string | undefined;
  /** Rows whose checksum was wrong: they count as absent. */
  readonly damaged: number;
}

/**
 * Keeps rows of equal length by key. A store never fails a run: what cannot be read counts as absent, and when nothing more can be
 * kept it says why. Keys are 32 hexadecimal digits.
 */
export interface RowStore {
  /** A row to read from until the next call, or undefined. Its first byte is aligned to 8. */
  get(key: string): Uint8Array<ArrayBuffer> | undefined;
  put(key: string, row: Uint8Array<ArrayBuffer>): void;
  report(): StoreReport;
  close(): void;
}

/** Keeps rows in this process, until `maxBytes` is reached. */
export class MemoryStore implements RowStore {
  readonly #rows = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #maxBytes: number;
  #bytes = 0;
  #closedBecause: string | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#rows.get(key);
  }

  put(key: string, row: Uint8Array<ArrayBuffer>): void {
    if (this.#closedBecause !== undefined || this.#rows.has(key)) return;
    if (this.#bytes + row.byteLength > this.#maxBytes) {
      this.#closedBecause = `${this.#rows.size} samples fill the memory allowed to it (training.cache.maxGb)`;
      return;
    }
    this.#rows.set(key, row);
    this.#bytes += row.byteLength;
  }

  report(): StoreReport {
    return { rows: this.#rows.size, bytes: this.#bytes, closedBecause: this.#closedBecause, damaged: 0 };
  }

  close(): void {
    this.#rows.clear();
  }
}
