import { randomUUID } from "node:crypto";
import { open, rm, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CHUNK = 2 ** 16;

/**
 * Collects float32 rows column by column, in memory up to a budget and in temporary files beyond it; a column is brought
 * back whole, one at a time.
 */
export class ColumnSpool {
  readonly width: number;
  #nRows = 0;
  readonly #budget: number;
  /** Full chunks in memory, by column; the last one is being filled. */
  readonly #chunks: Float32Array[][];
  readonly #files: (FileHandle | undefined)[];
  readonly #paths: string[] = [];
  #spilledRows = 0;

  /** @param budgetValues values kept in memory over all columns; default 32 Mi (128 MB) */
  constructor(width: number, budgetValues = 32 * 2 ** 20) {
    this.width = width;
    this.#budget = budgetValues;
    this.#chunks = Array.from({ length: width }, () => []);
    this.#files = Array.from({ length: width }, () => undefined);
  }

  get nRows(): number {
    return this.#nRows;
  }

  /** Appends rows `[rows, width]`. */
  async push(values: Float32Array): Promise<void> {
    const rows = values.length / this.width;
    for (let r = 0; r < rows; r++) {
      const at = (this.#nRows - this.#spilledRows) % CHUNK;
      for (let d = 0; d < this.width; d++) {
        const chunks = this.#chunks[d]!;
        if (at === 0) chunks.push(new Float32Array(CHUNK));
        chunks.at(-1)![at] = values[r * this.width + d]!;
      }
      this.#nRows++;
      if (at === CHUNK - 1 && (this.#nRows - this.#spilledRows) * this.width > this.#budget) await this.#spill();
    }
  }

  /** All values of one column, `[nRows]`, a copy. */
  async column(dimension: number): Promise<Float32Array> {
    const values = new Float32Array(this.#nRows);
    const bytes = new Uint8Array(values.buffer, 0, this.#spilledRows * 4);
    const file = this.#files[dimension];
    for (let done = 0; file && done < bytes.length;) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, done);
      if (bytesRead === 0) throw new Error("internal: a spooled column is shorter than it was written");
      done += bytesRead;
    }
    let at = this.#spilledRows;
    for (const chunk of this.#chunks[dimension]!) {
      const part = chunk.subarray(0, Math.min(CHUNK, this.#nRows - at));
      values.set(part, at);
      at += part.length;
    }
    return values;
  }

  /** Removes temporary files. */
  async close(): Promise<void> {
    for (const file of this.#files) await file?.close();
    for (const path of this.#paths) await rm(path, { force: true });
  }

  async #spill(): Promise<void> {
    for (let d = 0; d < this.width; d++) {
      const file = (this.#files[d] ??= await this.#openFile());
      for (const chunk of this.#chunks[d]!) await file.writeFile(new Uint8Array(chunk.buffer));
      this.#chunks[d] = [];
    }
    this.#spilledRows = this.#nRows;
  }

  async #openFile(): Promise<FileHandle> {
    const path = join(tmpdir(), `pixelvla-column-${randomUUID()}`);
    this.#paths.push(path);
    return open(path, "wx+");
  }
}
