import { existsSync } from "node:fs";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { leaf } from "./columns.ts";
import { writeParquet } from "./parquet-file.ts";

/** What pandas needs to know to make the task text the index of the table, as LeRobot expects. */
const PANDAS = JSON.stringify({
  index_columns: ["task"],
  column_indexes: [
    { name: null, field_name: null, pandas_type: "unicode", numpy_type: "object", metadata: { encoding: "UTF-8" } },
  ],
  columns: [
    { name: "task_index", field_name: "task_index", pandas_type: "int64", numpy_type: "int64", metadata: null },
    { name: "task", field_name: "task", pandas_type: "unicode", numpy_type: "object", metadata: null },
  ],
  creator: { library: "pixelvla", version: "1" },
  pandas_version: "2.2.0",
});

/** Writes `meta/tasks.parquet`; a task's index is its place in the list. */
export function writeTasks(path: string, tasks: readonly string[]): void {
  const data = [
    { name: "task_index", data: tasks.map((_, i) => BigInt(i)) },
    { name: "task", data: tasks },
  ];
  writeParquet(
    path,
    [
      { name: "schema", repetition_type: "REQUIRED", num_children: 2 },
      leaf("task_index", "int64"),
      leaf("task", "string"),
    ],
    [data],
    { pandas: PANDAS },
  );
}

/** Reads what `writeTasks` wrote; empty where nothing has been written yet. */
export async function readTasks(path: string): Promise<string[]> {
  if (!existsSync(path)) return [];
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  const tasks: string[] = [];
  for (const row of rows) tasks[Number(row["task_index"])] = String(row["task"]);
  return tasks;
}
