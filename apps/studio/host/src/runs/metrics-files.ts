import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ByteCache } from "../byte-cache.ts";
import { MetricsColumns } from "./metrics-columns.ts";

const CHUNK_BYTES = 4 << 20;

interface Kept {
  readonly columns: MetricsColumns;
  readonly file: string;
  offset: number;
}

/** Columns of metrics files, kept and extended as the files grow; a file that was replaced is read again. */
export class MetricsFiles {
  readonly #kept: ByteCache<Kept>;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);

  constructor(limitBytes: number) {
    this.#kept = new ByteCache(limitBytes);
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
      const kept =
        known?.file === file && known.offset <= size ? known : { columns: new MetricsColumns(keys), file, offset: 0 };
      if (kept.offset < size) {
        this.#extend(fd, kept);
        this.#kept.set(name, kept, kept.columns.sizeBytes);
      }
      return kept.columns;
    } finally {
      closeSync(fd);
    }
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
