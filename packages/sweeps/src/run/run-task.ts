import { join } from "node:path";
import { checkRecipe, trainRun } from "@pixelvla/training";
import type { SweepTask, TrainTask } from "../plan/task.ts";
import { evaluatePolicy } from "./evaluate-policy.ts";
import { taskDir } from "./sweep-folder.ts";

/**
 * Does one piece of a sweep's work in its own job directory, going on where an earlier attempt stopped. The job's status tells how
 * it ended.
 * @throws what training and evaluating throw; it is in the status as well
 */
export async function runTask(dir: string, task: SweepTask, signal?: AbortSignal): Promise<void> {
  const own = taskDir(dir, task.id);
  if (task.kind === "train") {
    await trainRun({
      dir: own,
      config: startingPoint(dir, task),
      resume: true,
      ...(signal === undefined ? {} : { signal }),
    });
    return;
  }
  const run = "task" in task.policy ? taskDir(dir, task.policy.task) : task.policy.init;
  await evaluatePolicy(own, run, task, signal);
}

/** The config with the run it starts from filled in. */
function startingPoint(dir: string, { config, initFrom }: TrainTask): TrainTask["config"] {
  if (initFrom === undefined) return config;
  const init = `training.init=${JSON.stringify(taskDir(dir, initFrom))}`;
  return { ...config, recipe: { ...checkRecipe(config.recipe, undefined, [init]).recipe } };
}

/** Folder of a run's results file, for reports. */
export const episodesFile = (dir: string, id: string): string => join(taskDir(dir, id), "results", "episodes.jsonl");
