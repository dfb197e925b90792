import { createHash } from "node:crypto";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { threadId } from "node:worker_threads";
import { MetricsColumns } from "./metrics-columns.ts";
import {
  FIRST_READ_BYTES,
  HEADER_BYTES,
  parseHeader,
  spanOf,
  writtenHeader,
  type MetricsHeader,
  type MetricsMark,
} from "./metrics-header.ts";

/**
 * Metrics files as columns on disk, every key of them, in the workspace's cache: what took ten million lines to read is there at the
 * next start as a few reads of plain numbers. One file a run: a header padded to 64 KiB (`MetricsHeader`), then `[nRows]` float64 of each key.
 * Safe to delete at any time; a file that is absent, damaged or of another version is as good as none.
 */
export class MetricsStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** What the stored table of the metrics file at `path` says of itself. */
  header(path: string): MetricsHeader | undefined {
    return this.#opened(path, readHeader);
  }

  /** The wanted columns of the metrics file at `path`, with the mark they were stored under. */
  read(
    path: string,
    keys: readonly string[],
  ): { readonly columns: MetricsColumns; readonly mark: MetricsMark } | undefined {
    return this.#opened(path, (fd) => {
      const header = readHeader(fd);
      const { nRows } = header;
      const columns = Array.from(keys, () => new Float64Array(Math.max(nRows, 1)));
      readColumns(fd, header, keys, columns);
      return { columns: MetricsColumns.of(keys, columns, nRows), mark: header };
    });
  }

  /** Fills `into[i]`, each of at least `header.nRows`, with the column of `keys[i]`; false where the stored table is gone or another. */
  readInto(path: string, header: MetricsHeader, keys: readonly string[], into: readonly Float64Array[]): boolean {
    const isRead = this.#opened(path, (fd) => {
      readColumns(fd, header, keys, into);
      return true;
    });
    return isRead === true;
  }

  /** Keeps every column of the metrics file at `path`. Writes aside and renames; a disk that refuses costs only the next start's time. */
  write(path: string, columns: MetricsColumns, mark: MetricsMark): void {
    const { nRows, keys } = columns;
    const axis = (key: string) => (keys.includes(key) ? columns.column(key) : new Float64Array(nRows).fill(NaN));
    const axes = { step: axis("step"), timeS: axis("timeS") };
    const spans = Object.fromEntries(
      keys.map((key) => {
        const y = columns.column(key);
        return [key, { step: spanOf(axes.step, y), timeS: spanOf(axes.timeS, y) }];
      }),
    );
    const header = writtenHeader({ version: 2, ...mark, nRows, keys: [...keys], spans });
    if (header === undefined) return;
    const file = this.#fileOf(path);
    const aside = `${file}.${process.pid}-${threadId}.tmp`;
    try {
      mkdirSync(this.#dir, { recursive: true });
      const fd = openSync(aside, "w");
      try {
        writeSync(fd, header);
        for (const key of keys) {
          const column = columns.column(key);
          writeSync(fd, Buffer.from(column.buffer, column.byteOffset, column.byteLength));
        }
      } finally {
        closeSync(fd);
      }
      renameSync(aside, file);
    } catch {
      rmSync(aside, { force: true });
    }
  }

  /** Deletes the files written longest ago until the rest is at most `limitBytes`. */
  prune(limitBytes: number): void {
    try {
      const files = readdirSync(this.#dir).map((name) => {
        const path = join(this.#dir, name);
        const { size, mtimeMs } = statSync(path);
        return { path, size, mtimeMs };
      });
      let total = files.reduce((sum, { size }) => sum + size, 0);
      for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
        if (total <= limitBytes) return;
        rmSync(path, { force: true });
        total -= size;
      }
    } catch {
      // no folder yet, or another host pruning it
    }
  }

  #opened<T>(path: string, read: (fd: number) => T): T | undefined {
    let fd: number;
    try {
      fd = openSync(this.#fileOf(path), "r");
    } catch {
      return undefined;
    }
    try {
      return read(fd);
    } catch {
      return undefined; // damaged, or of another version: the metrics file has it all
    } finally {
      closeSync(fd);
    }
  }

  #fileOf(path: string): string {
    return join(this.#dir, `${createHash("sha256").update(path).digest("hex").slice(0, 32)}.columns`);
  }
}

function readHeader(fd: number): MetricsHeader {
  const bytes = Buffer.alloc(FIRST_READ_BYTES);
  readSync(fd, bytes, 0, FIRST_READ_BYTES, 0);
  const header = parseHeader(bytes);
  if (header !== undefined) return header;
  const all = Buffer.alloc(HEADER_BYTES);
  readSync(fd, all, 0, HEADER_BYTES, 0);
  const whole = parseHeader(all);
  if (whole === undefined) throw new Error("internal: the stored header has no end");
  return whole;
}

function readColumns(
  fd: number,
  { nRows, keys: stored }: MetricsHeader,
  keys: readonly string[],
  into: readonly Float64Array[],
): void {
  keys.forEach((key, i) => {
    const column = into[i]!;
    const index = stored.indexOf(key);
    if (index < 0) {
      column.fill(NaN);
      return;
    }
    const wanted = Buffer.from(column.buffer, column.byteOffset, 8 * nRows);
    if (readSync(fd, wanted, 0, wanted.length, HEADER_BYTES + 8 * nRows * index) !== wanted.length)
      throw new Error("internal: the stored columns end too soon");
  });
}
