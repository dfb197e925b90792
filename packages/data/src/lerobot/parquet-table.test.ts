import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteFile } from "hyparquet-writer";
import { afterAll, expect, test } from "vitest";
import { ColumnCache } from "./frame-columns.ts";
import { ParquetTable } from "./parquet-table.ts";

const scratch = mkdtempSync(join(tmpdir(), "pixelvla-parquet-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** lerobot writes one row group an episode, and flushes its episode table every ten: reads cross row groups all the time. */
test.each([4, 7, 100])("rows are read over row groups of %i", async (rowGroupSize) => {
  const filename = join(scratch, `groups-${rowGroupSize}.parquet`);
  const data = Array.from({ length: 23 }, (_, i) => i);
  parquetWriteFile({ filename, columnData: [{ name: "index", data, type: "INT32" }], rowGroupSize });
  const table = await ParquetTable.open(filename, "groups");
  const cache = new ColumnCache();
  for (const [start, end] of [
    [0, 23],
    [3, 5],
    [6, 15],
    [8, 8],
    [22, 23],
  ] as const) {
    expect(Array.from(await table.read("index", start, end))).toEqual(data.slice(start, end));
    expect([...(await cache.read(table, "index", start, end)).values]).toEqual(data.slice(start, end));
  }
  await table.close();
});
