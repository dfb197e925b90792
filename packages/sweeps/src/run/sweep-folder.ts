import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "@pixelvla/jobs";
import { notASweep, sweepChanged } from "../errors.ts";
import { taskHash } from "../plan/plan-sweep.ts";
import type { Sweep } from "../plan/sweep-file.ts";
import type { PlannedCell, SweepPlan, SweepTask } from "../plan/task.ts";

/** `sweep.json`: what the sweep in this folder consists of; reports are made from it and the cells' results alone. */
export interface SweepRecord {
  readonly version: 1;
  readonly sweep: Sweep;
  readonly cells: readonly PlannedCell[];
  readonly tasks: readonly { readonly id: string; readonly kind: SweepTask["kind"]; readonly hash: string }[];
}

const RECORD = "sweep.json";
const TASK = "task.json";

export const taskDir = (dir: string, id: string): string => join(dir, "cells", id);

/**
 * Writes what the sweep in `dir` consists of. A sweep that is gone on with may have more tasks than it began with, not other ones.
 * @throws PVLA_SWEEP_CHANGED
 */
export function recordSweep(dir: string, sweep: Sweep, plan: SweepPlan): void {
  const changed = plan.tasks.filter((task) => {
    const before = readTask(dir, task.id);
    return before !== undefined && taskHash(before) !== taskHash(task);
  });
  if (changed.length > 0)
    throw sweepChanged(
      dir,
      changed.map(({ id }) => id),
    );
  for (const task of plan.tasks) {
    mkdirSync(taskDir(dir, task.id), { recursive: true });
    writeFileAtomic(join(taskDir(dir, task.id), TASK), `${JSON.stringify(task, null, 1)}\n`);
  }
  const tasks = plan.tasks.map((task) => ({ id: task.id, kind: task.kind, hash: taskHash(task) }));
  const record: SweepRecord = { version: 1, sweep, cells: plan.cells, tasks };
  writeFileAtomic(join(dir, RECORD), `${JSON.stringify(record, null, 1)}\n`);
}

/** @throws PVLA_SWEEP_FOLDER */
export function readSweepRecord(dir: string): SweepRecord {
  const file = join(dir, RECORD);
  if (!existsSync(file)) throw notASweep(dir, `it holds no ${RECORD}`);
  return JSON.parse(readFileSync(file, "utf8")) as SweepRecord;
}

/** The task of a cell; undefined where it was never planned. */
export function readTask(dir: string, id: string): SweepTask | undefined {
  const file = join(taskDir(dir, id), TASK);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as SweepTask) : undefined;
}
