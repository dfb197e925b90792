import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nearestName } from "@pixelvla/core";
import { CHECKPOINT_FILES } from "../checkpoint/train-checkpoint.ts";
import { findCheckpoint, isOwnCheckpoint } from "../checkpoint/find-checkpoint.ts";
import { unknownInit } from "../errors.ts";

/** Folder of the base checkpoints that ship with this package, one folder each. */
const BASE_FOLDER = fileURLToPath(new URL("../../assets/base", import.meta.url));

/** Names of the base checkpoints that ship with this software. */
export function shippedBases(): string[] {
  if (!existsSync(BASE_FOLDER)) return [];
  return readdirSync(BASE_FOLDER)
    .filter((name) => existsSync(join(BASE_FOLDER, name, CHECKPOINT_FILES.policy)))
    .sort();
}

/**
 * The checkpoint folder that `training.init` means: a folder (a run's latest checkpoint, or a checkpoint itself), or the name of a
 * shipped base. A folder in the way of a name wins only if it is a run or a checkpoint.
 * @throws PVLA_INIT for anything else, PVLA_NO_CHECKPOINT for a run without one
 */
export function findInit(init: string): string {
  const isFolder = statSync(init, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder && isOwnCheckpoint(init)) return findCheckpoint(init);
  const bases = shippedBases();
  if (bases.includes(init)) return join(BASE_FOLDER, init);
  throw unknownInit(init, isFolder, bases, nearestName(init, bases));
}
