import { featureMismatch } from "../errors.ts";
import { Lru } from "../lru.ts";
import type { NumericColumn, RecordedFrames } from "../standardise/recorded.ts";
import type { LerobotInfo } from "./info.ts";
import type { ParquetTable } from "./parquet-table.ts";

/** Row groups hold whole files in some datasets; decoded ones are kept up to this many values (64 MB). */
const CACHED_VALUES = 16 * 2 ** 20;
const INDEX_COLUMNS = new Set(["timestamp", "frame_index", "episode_index", "index", "task_index"]);
const NUMERIC = /^(float|int|uint|bool)/;
/** Names of other projects for the two columns that matter. */
const ALIASES: Readonly<Record<string, string>> = {
  actions: "action",
  state: "observation/state",
  "observation.state": "observation/state",
};

/** Reads numeric columns of row ranges, decoding each row group once while it stays in use. */
export class ColumnCache {
  readonly #groups = new Lru<NumericColumn>(CACHED_VALUES, undefined, ({ values }) => values.length);

  /** Rows `rowStart` to `rowEnd` of a scalar or list column, `[rows, width]`. @throws PVLA_DATA_PARQUET, PVLA_DATA_FEATURE */
  async read(table: ParquetTable, column: string, rowStart: number, rowEnd: number): Promise<NumericColumn> {
    const parts: Float32Array[] = [];
    let width = 1;
    for (let g = 0; g + 1 < table.groupStarts.length; g++) {
      const start = table.groupStarts[g]!;
      const end = table.groupStarts[g + 1]!;
      if (end <= rowStart || start >= rowEnd) continue;
      const group = await this.#groups.get(`${table.name}\n${column}\n${g}`, async () =>
        flatten(await table.read(column, start, end), column, table.name),
      );
      width = group.width;
      parts.push(
        group.values.subarray((Math.max(rowStart, start) - start) * width, (Math.min(rowEnd, end) - start) * width),
      );
    }
    if (parts.length === 1) return { values: parts[0]!.slice(), width };
    const values = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      values.set(part, at);
      at += part.length;
    }
    return { values, width };
  }
}

/** The numeric columns a standardisation may want, by RLDS-style key: actions and state, or all when those are not there. */
export function standardColumns({ features }: LerobotInfo): Map<string, string> {
  const numeric = Object.entries(features).filter(
    ([key, { dtype, shape }]) => NUMERIC.test(dtype) && shape.length <= 1 && !INDEX_COLUMNS.has(key),
  );
  const all = numeric.map(([key]) => [ALIASES[key] ?? key.replaceAll(".", "/"), key] as const);
  const direct = all.filter(([key]) => key === "action" || key === "observation/state");
  if (direct.length === 2) return new Map(direct);
  return new Map(all.filter(([key]) => key.startsWith("action") || key.startsWith("observation")));
}

/** Columns already in memory as recorded frames. */
export function recordedFrames(nFrames: number, columns: ReadonlyMap<string, NumericColumn>): RecordedFrames {
  return { nFrames, numericKeys: [...columns.keys()], numeric: (key) => columns.get(key) };
}

function flatten(rows: ArrayLike<unknown>, column: string, file: string): NumericColumn {
  const first = rows[0];
  const width = Array.isArray(first) || ArrayBuffer.isView(first) ? (first as unknown as ArrayLike<unknown>).length : 1;
  const values = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (typeof row === "number") values[i] = row;
    else if (typeof row === "bigint" || typeof row === "boolean") values[i] = Number(row);
    else if (row === null || row === undefined) values.fill(NaN, i * width, (i + 1) * width);
    else {
      const list = row as ArrayLike<number | bigint | null>;
      if (list.length !== width)
        throw featureMismatch(
          { file },
          { feature: column, found: `${list.length} values in row ${i}`, needed: `${width} as in the first row` },
        );
      for (let d = 0; d < width; d++) {
        const value = list[d];
        values[i * width + d] = value === null || value === undefined ? NaN : Number(value);
      }
    }
  }
  return { values, width };
}
