import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { SchemaElement } from "hyparquet";
import { cannotWrite } from "./errors.ts";

/** A page is the least that is read: of pictures, no more than a few at a time. */
const PAGE_BYTES = 1 << 16;

/** Values of one column, one entry a row; lists as arrays or typed arrays. */
export interface ColumnValues {
  readonly name: string;
  readonly data: readonly unknown[];
  /** False for bytes that are compressed already (JPEG, PNG). */
  readonly compress?: boolean;
}

/**
 * Writes a Parquet file row group by row group and leaves it on the disk (fsync).
 *
 * @param groups rows of each row group; memory holds one at a time
 * @throws PVLA_PIXELS_WRITE
 */
export function writeParquet(
  path: string,
  schema: readonly SchemaElement[],
  groups: Iterable<readonly ColumnValues[]>,
  keyValues: Readonly<Record<string, string>> = {},
): void {
  let file: number | undefined;
  try {
    file = openSync(path, "w");
    const descriptor = file;
    const buffer = new ByteWriter();
    const flush = () => {
      const bytes = new Uint8Array(buffer.buffer, 0, buffer.index);
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
      buffer.index = 0;
    };
    const writer = Object.assign(buffer, { flush, finish: flush }); // called after each row group and at the end
    const parquet = new ParquetWriter({
      writer,
      schema: [...schema],
      createdBy: "pixelvla",
      kvMetadata: Object.entries(keyValues).map(([key, value]) => ({ key, value })),
    });
    for (const columns of groups)
      void parquet.write({
        columnData: columns.map(({ name, data, compress = true }) => ({
          name,
          data: data as unknown[],
          ...(compress ? {} : { codec: "UNCOMPRESSED" as const, statistics: false }),
        })),
        rowGroupSize: Math.max(1, columns[0]?.data.length ?? 1),
        pageSize: PAGE_BYTES,
      });
    void parquet.finish();
    fsyncSync(descriptor);
  } catch (cause) {
    throw cannotWrite(path, cause);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
