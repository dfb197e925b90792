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
import { z } from "zod";
import { MetricsColumns } from "./metrics-columns.ts";

/** Which bytes of which metrics file a stored table holds. */
export interface MetricsMark {
  /** Device and inode: a file put in its place is another one. */
  readonly file: string;
  /** Bytes of whole lines read. */
  readonly offset: number;
  /** The last of those bytes in hexadecimal: a file written anew in place ends otherwise there. */
  readonly tail: string;
}

/** Bytes before the offset that a mark keeps. */
export const TAIL_BYTES = 256;

const HEADER_BYTES = 64 << 10;
const headerSchema = z.object({
  version: z.literal(1),
  file: z.string(),
  offset: z.int().nonnegative(),
  tail: z.string(),
  nRows: z.int().nonnegative(),
  keys: z.array(z.string()),
});

/**
 * Metrics files as columns on disk, every key of them, in the workspace's cache: what took ten million lines to read is there at the
 * next start as a few reads of plain numbers. One file a run: a JSON header padded to 64 KiB, then `[nRows]` float64 of each key.
 * Safe to delete at any time; a file that is absent, damaged or of another version is as good as none.
 */
export class MetricsStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The wanted columns of the metrics file at `path`, with the mark they were stored under. */
  read(
    path: string,
    keys: readonly string[],
  ): { readonly columns: MetricsColumns; readonly mark: MetricsMark } | undefined {
    let fd: number;
    try {
      fd = openSync(this.#fileOf(path), "r");
    } catch {
      return undefined;
    }
    try {
      const bytes = Buffer.alloc(HEADER_BYTES);
      readSync(fd, bytes, 0, HEADER_BYTES, 0);
      const header = headerSchema.parse(JSON.parse(bytes.toString("utf8").trimEnd()));
      const { nRows } = header;
      const columns = keys.map((key) => {
        const index = header.keys.indexOf(key);
        const column = new Float64Array(Math.max(nRows, 1));
        if (index < 0) return column.fill(NaN);
        const wanted = Buffer.from(column.buffer, 0, 8 * nRows);
        if (readSync(fd, wanted, 0, wanted.length, HEADER_BYTES + 8 * nRows * index) !== wanted.length)
          throw new Error("internal: the stored columns end too soon");
        return column;
      });
      return { columns: MetricsColumns.of(keys, columns, nRows), mark: header };
    } catch {
      return undefined; // damaged, or of another version: the metrics file has it all
    } finally {
      closeSync(fd);
    }
  }

  /** Keeps every column of the metrics file at `path`. Writes aside and renames; a disk that refuses costs only the next start's time. */
  write(path: string, columns: MetricsColumns, mark: MetricsMark): void {
    const { nRows, keys } = columns;
    const header = Buffer.alloc(HEADER_BYTES, " ");
    if (header.write(JSON.stringify({ version: 1, ...mark, nRows, keys })) >= HEADER_BYTES) return;
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

  #fileOf(path: string): string {
    return join(this.#dir, `${createHash("sha256").update(path).digest("hex").slice(0, 32)}.columns`);
  }
}
