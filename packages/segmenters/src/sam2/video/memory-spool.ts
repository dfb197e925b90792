import { mkdtemp, open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Memory tokens of many frames in bounded memory: the latest used stay as they are, the rest go to a temporary file, so
 * that a correction anywhere in a long video finds its neighbours. Entries have one size and are numbered from 0.
 */
export class MemorySpool {
  readonly #length: number;
  readonly #nKept: number;
  /** Least recently used first. */
  readonly #kept = new Map<number, Uint16Array>();
  #file: Promise<{ handle: FileHandle; folder: string }> | undefined;
  #count = 0;

  /** @param length values of an entry; @param keptBytes memory that entries may take */
  constructor(length: number, keptBytes: number) {
    this.#length = length;
    this.#nKept = Math.max(2, Math.floor(keptBytes / (2 * length)));
  }

  /** Entries that are in memory. */
  get nKept(): number {
    return this.#kept.size;
  }

  /** Takes the array over and returns its number; `replaced` is a number that is free again. */
  async put(values: Uint16Array, replaced?: number): Promise<number> {
    const id = replaced ?? this.#count++;
    await this.#keep(id, values);
    return id;
  }

  async get(id: number): Promise<Uint16Array> {
    const kept = this.#kept.get(id);
    if (kept !== undefined) {
      this.#kept.delete(id);
      this.#kept.set(id, kept);
      return kept;
    }
    const values = new Uint16Array(this.#length);
    const { handle } = await this.#opened();
    await handle.read(values, 0, values.byteLength, id * values.byteLength);
    await this.#keep(id, values);
    return values;
  }

  /** Deletes the file. */
  async dispose(): Promise<void> {
    this.#kept.clear();
    if (this.#file === undefined) return;
    const { handle, folder } = await this.#file;
    this.#file = undefined;
    await handle.close();
    await rm(folder, { recursive: true, force: true });
  }

  async #keep(id: number, values: Uint16Array): Promise<void> {
    this.#kept.delete(id);
    this.#kept.set(id, values);
    if (this.#kept.size <= this.#nKept) return;
    const [oldest, spilled] = this.#kept.entries().next().value!;
    this.#kept.delete(oldest);
    const { handle } = await this.#opened();
    await handle.write(spilled, 0, spilled.byteLength, oldest * spilled.byteLength);
  }

  #opened(): Promise<{ handle: FileHandle; folder: string }> {
    this.#file ??= (async () => {
      const folder = await mkdtemp(join(tmpdir(), "pixelvla-memory-"));
      return { folder, handle: await open(join(folder, "tokens.bin"), "w+") };
    })();
    return this.#file;
  }
}
