// Process of its own: does one piece of a sweep's work. task-process.ts SWEEP-DIR TASK-ID
import { readTask } from "./sweep-folder.ts";
import { runTask } from "./run-task.ts";

const [dir, id] = process.argv.slice(2);
if (dir === undefined || id === undefined) throw new Error("internal: task-process needs a sweep folder and a task");
const task = readTask(dir, id);
if (task === undefined) throw new Error(`internal: ${id} is no task of ${dir}`);
const stop = new AbortController();
// Ctrl-C reaches the whole group: the work saves and ends, and the sweep waits for it.
for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => stop.abort());
try {
  await runTask(dir, task, stop.signal);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
