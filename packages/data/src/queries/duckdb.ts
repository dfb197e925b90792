import { DuckDBInstance, type DuckDBConnection, type DuckDBValue } from "@duckdb/node-api";

/** An in-memory DuckDB with bounded memory; Parquet files are read in place. */
export interface Database {
  /** Rows as plain objects. 64-bit integers become numbers. */
  rows(sql: string, values?: DuckDBValue[]): Promise<Record<string, unknown>[]>;
  /** Runs statements that give no rows. */
  run(sql: string): Promise<void>;
  /**
   * Has the connection for itself until `work` ends; `rows` and `run` are called on the database, not inside. A connection does one thing at a
   * time: a query begun in the midst of another's appender makes that one fail.
   */
  exclusive<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /** Runs one statement on a connection of its own, beside whatever the others do. */
  aside(sql: string): Promise<void>;
  close(): void;
}

/** Opens a database of its own. It may use `memoryMb` before it spills or refuses. */
export async function openDatabase(memoryMb = 512): Promise<Database> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${memoryMb}MB`,
    preserve_insertion_order: "false",
    autoinstall_known_extensions: "false", // nothing is ever downloaded
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET parquet_metadata_cache = true"); // data files are never changed once they are in place
  let last: Promise<unknown> = Promise.resolve();
  const exclusive: Database["exclusive"] = (work) => {
    const mine = last.then(() => work(connection));
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    exclusive,
    rows: (sql, values) =>
      exclusive(async () => {
        const reader = await connection.runAndReadAll(sql, values);
        return reader.getRowObjectsJS().map(numbers);
      }),
    run: (sql) =>
      exclusive(async () => {
        await connection.run(sql);
      }),
    aside: async (sql) => {
      const own = await instance.connect();
      try {
        await own.run(sql);
      } finally {
        own.closeSync();
      }
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A list of paths as a SQL list of strings. */
export const sqlList = (paths: readonly string[]): string => `[${paths.map(sqlText).join(", ")}]`;

/** A SQL string. */
export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function numbers(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
  );
}
