import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { jobPaths, latestCheckpoint } from "@pixelvla/jobs";
import { notARun } from "../errors.ts";
import { CHECKPOINT_FILES } from "./train-checkpoint.ts";

/** Whether `path` is a run directory or a checkpoint folder written by a run, as against a public checkpoint. */
export const isOwnCheckpoint = (path: string): boolean =>
  existsSync(join(path, CHECKPOINT_FILES.state)) || existsSync(jobPaths(path).status);

/**
 * The checkpoint folder that `path` means: itself, or the latest one of a run directory.
 * @throws PVLA_RUN, PVLA_NO_CHECKPOINT
 */
export function findCheckpoint(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw notARun(path, "there is no such folder");
  return existsSync(join(path, CHECKPOINT_FILES.state)) ? path : latestCheckpoint(path).dir;
}
