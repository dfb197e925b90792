import { dirname } from "node:path";
import { notASweep } from "../errors.ts";
import type { LoadedSweep } from "../plan/sweep-file.ts";
import type { SweepPlan } from "../plan/task.ts";
import { readSweepRecord, readTask } from "./sweep-folder.ts";

/**
 * A sweep as its own directory records it, with the changes of the command line it was begun with: all that `runSweep` needs to take up what
 * failed or was stopped, without the file and options it came from.
 * @throws PVLA_SWEEP_FOLDER
 */
export function recordedSweep(dir: string): { loaded: LoadedSweep; plan: SweepPlan } {
  const { sweep, cells, tasks } = readSweepRecord(dir);
  return {
    loaded: { sweep, file: dir, folder: dirname(dir) },
    plan: {
      cells,
      tasks: tasks.map(({ id }) => {
        const task = readTask(dir, id);
        if (task === undefined) throw notASweep(dir, `it holds no task.json of ${id}`);
        return task;
      }),
    },
  };
}
