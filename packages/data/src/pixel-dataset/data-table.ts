import type { Column } from "./columns.ts";
import type { EpisodeRow } from "./episode-table.ts";
import type { ColumnValues } from "./parquet-file.ts";

const ROWS_PER_GROUP = 8192;
const IMAGE_BYTES_PER_GROUP = 8 << 20;

/** Row groups of whole episodes: large enough for small footers, small enough for random access. */
export function* rowGroups(
  rows: readonly EpisodeRow[],
  columns: readonly Column[],
  taskIndex: ReadonlyMap<string, number>,
): Generator<ColumnValues[]> {
  const constant: Readonly<Record<string, (row: EpisodeRow) => bigint>> = {
    episode_index: (row) => BigInt(row.episodeIndex),
    task_index: (row) => BigInt(taskIndex.get(row.pending.task)!),
  };
  const valuesOf = (row: EpisodeRow, name: string): readonly unknown[] => {
    if (name === "index") return Array.from({ length: row.pending.nFrames }, (_, t) => BigInt(row.firstIndex + t));
    const fixed = constant[name];
    return fixed === undefined
      ? row.pending.values.get(name)!
      : Array.from({ length: row.pending.nFrames }, () => fixed(row));
  };
  for (let start = 0; start < rows.length;) {
    let [end, nRows, nBytes] = [start, 0, 0];
    while (end < rows.length && (end === start || (nRows < ROWS_PER_GROUP && nBytes < IMAGE_BYTES_PER_GROUP))) {
      nRows += rows[end]!.pending.nFrames;
      nBytes += rows[end]!.pending.bytes;
      end++;
    }
    const group = rows.slice(start, end);
    yield columns.map(({ name, dtype }) => ({
      name,
      data: group.flatMap((row) => valuesOf(row, name)),
      compress: dtype !== "image",
    }));
    start = end;
  }
}
