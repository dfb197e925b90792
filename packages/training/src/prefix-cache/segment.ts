import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, utimesSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/** Before every row: key (16 bytes), checksum of the row, checksum of the 20 bytes before. */
const HEAD_BYTES = 24;
const KEY_BYTES = 16;
/** A segment in use is touched this often; see `makeRoom`. */
const TOUCH_MS = 30_000;
export const SEGMENT_SUFFIX = ".rows";

/**
 * One file of rows, each behind a head with checksums over key and content. One process writes it, any number read it, also while it
 * grows; a row that was not written to its end fails its checksum and does not exist. The file is made at full length (sparse), so that
 * the room it will take is visible to every process from the start.
 */
export class Segment {
  readonly path: string;
  readonly #file: number;
  readonly #rowBytes: number;
  readonly #slots: number;
  /** Rows seen or written so far. */
  #filled = 0;
  #touchedMs = 0;

  private constructor(path: string, file: number, rowBytes: number, slots: number) {
    this.path = path;
    this.#file = file;
    this.#rowBytes = rowBytes;
    this.#slots = slots;
  }

  /** Bytes a segment of that many rows takes. */
  static bytesFor(rowBytes: number, rows: number): number {
    return rows * (HEAD_BYTES + rowBytes);
  }

  /** Makes a new segment in `folder`. @throws the system's error */
  static create(folder: string, rowBytes: number, rows: number): Segment {
    const path = join(folder, `${randomBytes(8).toString("hex")}${SEGMENT_SUFFIX}`);
    const file = openSync(path, "wx+");
    ftruncateSync(file, Segment.bytesFor(rowBytes, rows));
    return new Segment(path, file, rowBytes, rows);
  }

  /** Opens a segment to read it. @throws the system's error, e.g. when it has just been removed */
  static open(path: string, rowBytes: number): Segment {
    const file = openSync(path, "r");
    const rows = Math.floor(fstatSync(file).size / (HEAD_BYTES + rowBytes));
    return new Segment(path, file, rowBytes, rows);
  }

  get isFull(): boolean {
    return this.#filled >= this.#slots;
  }

  get isThere(): boolean {
    return existsSync(this.path);
  }

  /** Keys of the rows that were added since the last call, in order of their slots. */
  *newKeys(): Generator<{ readonly key: string; readonly slot: number }> {
    const head = Buffer.alloc(HEAD_BYTES);
    for (; this.#filled < this.#slots; this.#filled++) {
      const read = readSync(this.#file, head, 0, HEAD_BYTES, this.#offset(this.#filled));
      if (read < HEAD_BYTES || !hasValidHead(head)) return;
      yield { key: head.toString("hex", 0, KEY_BYTES), slot: this.#filled };
    }
  }

  /** Reads the row in a slot into `into` (head and row); undefined when it is not whole or not that key's. */
  read(slot: number, key: string, into: Buffer<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    const bytes = HEAD_BYTES + this.#rowBytes;
    if (readSync(this.#file, into, 0, bytes, this.#offset(slot)) < bytes) return undefined;
    const row = new Uint8Array(into.buffer, into.byteOffset + HEAD_BYTES, this.#rowBytes);
    const isWhole = hasValidHead(into) && into.toString("hex", 0, KEY_BYTES) === key;
    return isWhole && into.readUInt32LE(KEY_BYTES) === crc32(row) ? row : undefined;
  }

  /** Adds a row; returns its slot. @throws the system's error (no room on the device) */
  append(key: string, row: Uint8Array): number {
    const record = Buffer.allocUnsafe(HEAD_BYTES + this.#rowBytes);
    record.write(key, 0, KEY_BYTES, "hex");
    record.writeUInt32LE(crc32(row), KEY_BYTES);
    record.writeUInt32LE(crc32(record.subarray(0, KEY_BYTES + 4)), KEY_BYTES + 4);
    record.set(row, HEAD_BYTES);
    const written = writeSync(this.#file, record, 0, record.length, this.#offset(this.#filled));
    if (written < record.length) throw new Error(`only ${written} of ${record.length} bytes were written`);
    return this.#filled++;
  }

  /** Marks the segment as in use: the least recently used ones are dropped first. */
  touch(nowMs: number): void {
    if (nowMs - this.#touchedMs < TOUCH_MS) return;
    this.#touchedMs = nowMs;
    try {
      utimesSync(this.path, nowMs / 1000, nowMs / 1000);
    } catch {
      // Removed or not ours to touch: it is then dropped earlier, which costs time and nothing else.
    }
  }

  /** Closes the file; a writer gives back the room it did not fill. */
  close(isWriter: boolean): void {
    try {
      if (isWriter) ftruncateSync(this.#file, Segment.bytesFor(this.#rowBytes, this.#filled));
    } finally {
      closeSync(this.#file);
    }
  }

  #offset(slot: number): number {
    return slot * (HEAD_BYTES + this.#rowBytes);
  }
}

/** False for a slot not written yet: the checksum of zeros is not zero. */
const hasValidHead = (head: Buffer) => head.readUInt32LE(KEY_BYTES + 4) === crc32(head.subarray(0, KEY_BYTES + 4));
