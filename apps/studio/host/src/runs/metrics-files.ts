import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ByteCache } from "../byte-cache.ts";
import { MetricsColumns } from "./metrics-columns.ts";
import { TAIL_BYTES, type MetricsMark, type MetricsStore } from "./metrics-store.ts";

const CHUNK_BYTES = 4 << 20;
/** Smaller files are read faster than a stored table of them is found. */
const MIN_STORED_BYTES = 256 << 10;

interface Kept {
  readonly columns: MetricsColumns;
  readonly file: string;
  offset: number;
}

/** Columns of metrics files, kept and extended as the files grow; a file that was replaced is read again. */
export class MetricsFiles {
  readonly #kept: ByteCache<Kept>;
  readonly #store: MetricsStore;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);

  constructor(limitBytes: number, store: MetricsStore) {
    this.#kept = new ByteCache(limitBytes);
    this.#store = store;
  }

  /** The wanted columns of the file at `path` as it stands; no rows where it is not there. */
  read(path: string, keys: readonly string[]): MetricsColumns {
    const name = `${path}\0${keys.join("\0")}`;
    let fd: number;
    try {
      fd = openSync(path, "r");
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
