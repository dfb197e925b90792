import { parquetMetadataAsync, parquetScan, type FileMetaData, type ParquetScan } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { PixelVlaError } from "@pixelvla/core";
import { badParquet, lfsPointer, missingFile } from "../errors.ts";
import { FileSlices } from "../file-slices.ts";

/** An open parquet file: columns are read by row range, one row group's pages at a time. */
export class ParquetTable {
  readonly name: string;
  readonly nRows: number;
  readonly columns: readonly string[];
  /** First row of every row group, and the row count at the end. */
  readonly groupStarts: readonly number[];
  readonly metadata: FileMetaData;
  readonly #scan: ParquetScan;
  readonly #file: FileSlices;

  private constructor(name: string, file: FileSlices, metadata: FileMetaData, scan: ParquetScan) {
    this.name = name;
    this.#file = file;
    this.#scan = scan;
    this.metadata = metadata;
    this.nRows = Number(metadata.num_rows);
    const starts = [0];
    for (const group of metadata.row_groups) starts.push(starts.at(-1)! + Number(group.num_rows));
    this.groupStarts = starts;
    this.columns = topLevelColumns(metadata);
  }

  /** @throws PVLA_DATA_MISSING_FILE, PVLA_DATA_LFS_POINTER, PVLA_DATA_PARQUET */
  static async open(path: string, name: string): Promise<ParquetTable> {
    const file = await FileSlices.open(path).catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") throw missingFile(name, "though the metadata lists it");
      throw cause;
    });
    try {
      const head = Buffer.from(await file.slice(0, 64)).toString("latin1");
      if (head.startsWith("version https://git-lfs")) throw lfsPointer(name);
      if (!head.startsWith("PAR1")) throw badParquet(name, "no parquet file (it does not begin with PAR1)");
      const buffer = { byteLength: file.sizeBytes, slice: (start: number, end?: number) => file.slice(start, end) };
      const metadata = await parquetMetadataAsync(buffer);
      const scan = await parquetScan({ file: buffer, metadata, compressors, utf8: false });
      return new ParquetTable(name, file, metadata, scan);
    } catch (error) {
      await file.release();
      throw error instanceof PixelVlaError ? error : badParquet(name, `a broken file (${text(error)})`, {}, error);
    }
  }

  /** Values of rows `rowStart` to `rowEnd` of a top-level column, over any number of row groups. @throws PVLA_DATA_PARQUET */
  async read(column: string, rowStart: number, rowEnd: number): Promise<ArrayLike<unknown>> {
    if (!this.columns.includes(column))
      throw badParquet(this.name, `no column "${column}"`, { needed: `it; columns are ${this.columns.join(", ")}` });
    try {
      const parts: ArrayLike<unknown>[] = [];
      for (let group = this.#groupOf(rowStart); group + 1 < this.groupStarts.length; group++) {
        const start = Math.max(rowStart, this.groupStarts[group]!);
        const end = Math.min(rowEnd, this.groupStarts[group + 1]!);
        if (start >= end) break;
        parts.push(await this.#scan.readColumn({ column, rowStart: start, rowEnd: end }));
      }
      return parts.length === 1 ? parts[0]! : parts.flatMap((part) => Array.from(part));
    } catch (error) {
      throw badParquet(this.name, `column "${column}" that does not decode (${text(error)})`, {}, error);
    }
  }

  /** The row group that holds a row. */
  #groupOf(row: number): number {
    let low = 0;
    let high = this.groupStarts.length - 2;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.groupStarts[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Gives the file descriptor back; a later read opens the file again. */
  close(): Promise<void> {
    return this.#file.release();
  }
}

function topLevelColumns({ row_groups, schema }: FileMetaData): string[] {
  const paths = row_groups[0]?.columns.map(({ meta_data }) => meta_data?.path_in_schema[0]) ?? [];
  const named = paths.filter((name) => name !== undefined);
  return named.length > 0 ? [...new Set(named)] : schema.slice(1).map(({ name }) => name);
}

const text = (error: unknown) => (error instanceof Error ? error.message : String(error));
