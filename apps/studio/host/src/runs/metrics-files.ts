import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { ByteCache } from "../byte-cache.ts";
import { MetricsColumns } from "./metrics-columns.ts";
import { spanOf, TAIL_BYTES, type MetricsHeader, type MetricsMark, type Span } from "./metrics-header.ts";
import type { MetricsStore } from "./metrics-store.ts";

const CHUNK_BYTES = 4 << 20;
/** The path was checked before it came here; a link that was put in its place since is not followed. */
const OPEN_FLAGS = constants.O_RDONLY | (process.platform === "win32" ? 0 : constants.O_NOFOLLOW);
/** Smaller files are read faster than a stored table of them is found. */
const MIN_STORED_BYTES = 256 << 10;

interface Kept {
  readonly columns: MetricsColumns;
  readonly file: string;
  offset: number;
}

/** A stored table that was seen to hold a whole metrics file, as long as that file stands as it did. */
interface Whole {
  readonly header: MetricsHeader;
  readonly stamp: string;
}

/** Headers remembered; beyond, all are forgotten. */
const MAX_WHOLE = 8192;

/** Columns of metrics files, kept and extended as the files grow; a file that was replaced is read again. */
export class MetricsFiles {
  readonly #kept: ByteCache<Kept>;
  readonly #store: MetricsStore;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  readonly #whole = new Map<string, Whole>();
  /** Columns of the file read last, used again for the next. */
  #scratch: Float64Array[] = [];

  constructor(limitBytes: number, store: MetricsStore) {
    this.#kept = new ByteCache(limitBytes);
    this.#store = store;
  }

  /** The wanted columns of the file at `path` as it stands; no rows where it is not there. */
  read(path: string, keys: readonly string[]): MetricsColumns {
    const name = `${path}\0${keys.join("\0")}`;
    let fd: number;
    try {
      fd = openSync(path, OPEN_FLAGS);
    } catch {
      return new MetricsColumns(keys);
    }
    try {
      const { ino, dev, size } = fstatSync(fd);
      const file = `${dev}-${ino}`;
      const known = this.#kept.get(name);
      const isKnown = known?.file === file && known.offset <= size;
      const kept = isKnown ? known : this.#begin(fd, path, keys, { file, size });
      const before = isKnown ? kept.offset : -1;
      if (kept.offset < size) this.#extend(fd, kept);
      if (kept.offset !== before) this.#kept.set(name, kept, kept.columns.sizeBytes);
      return kept.columns;
    } finally {
      closeSync(fd);
    }
  }

  /** Where the line of each key begins and ends on the axis. */
  spans(path: string, axis: "step" | "timeS", keys: readonly string[]): Span[] {
    const header = this.#wholeHeader(path);
    if (header !== undefined) return keys.map((key) => header.spans[key]?.[axis] ?? null);
    const columns = this.read(path, [axis, ...keys]);
    return keys.map((key) => spanOf(columns.column(axis), columns.column(key)));
  }

  /**
   * The wanted columns, `[nRows]` each, only until the next call: a comparison of 1,000 runs looks at each once, and would push out of
   * the memory what somebody looks at again.
   */
  glance(path: string, keys: readonly string[]): readonly Float64Array[] {
    const header = this.#wholeHeader(path);
    if (header !== undefined) {
      const { nRows } = header;
      while (this.#scratch.length < keys.length) this.#scratch.push(new Float64Array(0));
      this.#scratch = this.#scratch.map((column) => (column.length < nRows ? new Float64Array(2 * nRows) : column));
      const columns = keys.map((_, i) => this.#scratch[i]!.subarray(0, nRows));
      if (this.#store.readInto(path, header, keys, columns)) return columns;
      this.#whole.delete(path);
    }
    const columns = this.read(path, keys);
    return keys.map((key) => columns.column(key));
  }

  /** Header of the stored table where it holds every line of the file as it stands. */
  #wholeHeader(path: string): MetricsHeader | undefined {
    const known = this.#whole.get(path);
    let fd: number | undefined;
    try {
      const { ino, dev, size, mtimeMs } = lstatSync(path);
      if (size < MIN_STORED_BYTES) return undefined;
      const stamp = `${dev}-${ino}-${size}-${mtimeMs}`;
      if (known?.stamp === stamp) return known.header;
      const header = this.#store.header(path);
      if (header?.file !== `${dev}-${ino}` || header.offset !== size) return undefined;
      fd = openSync(path, OPEN_FLAGS);
      if (!isPartOf(fd, size, header)) return undefined;
      if (this.#whole.size >= MAX_WHOLE) this.#whole.clear();
      this.#whole.set(path, { header, stamp });
      return header;
    } catch {
      return undefined; // gone meanwhile
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }

  /** What is stored of the file; of one that is not stored yet, all its columns are read and stored. */
  #begin(
    fd: number,
    path: string,
    keys: readonly string[],
    { file, size }: { readonly file: string; readonly size: number },
  ): Kept {
    if (size < MIN_STORED_BYTES) return { columns: new MetricsColumns(keys), file, offset: 0 };
    const stored = this.#store.read(path, keys);
    if (stored !== undefined && stored.mark.file === file && isPartOf(fd, size, stored.mark)) {
      const { offset } = stored.mark;
      if (size - offset < Math.max(offset / 2, MIN_STORED_BYTES)) return { columns: stored.columns, file, offset };
    }
    const all: Kept = { columns: new MetricsColumns(), file, offset: 0 };
    this.#extend(fd, all);
    this.#store.write(path, all.columns, { file, offset: all.offset, tail: tailOf(fd, all.offset) });
    const wanted = keys.map((key) => all.columns.column(key).slice());
    return { columns: MetricsColumns.of(keys, wanted, all.columns.nRows), file, offset: all.offset };
  }

  #extend(fd: number, kept: Kept): void {
    for (let held = 0; ;) {
      const nRead = readSync(fd, this.#chunk, held, CHUNK_BYTES - held, kept.offset + held);
      if (nRead === 0) return;
      const filled = held + nRead;
      const used = kept.columns.append(this.#chunk.subarray(0, filled));
      kept.offset += used;
      held = filled - used;
      if (held === CHUNK_BYTES) return; // one line of four megabytes: not ours
      this.#chunk.copyWithin(0, used, filled);
    }
  }
}

function tailOf(fd: number, offset: number): string {
  const bytes = Buffer.alloc(Math.min(TAIL_BYTES, offset));
  readSync(fd, bytes, 0, bytes.length, offset - bytes.length);
  return bytes.toString("hex");
}

const isPartOf = (fd: number, size: number, { offset, tail }: MetricsMark) =>
  offset <= size && tailOf(fd, offset) === tail;
