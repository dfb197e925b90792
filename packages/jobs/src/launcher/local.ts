import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { workerEntry } from "@pixelvla/core";
import { z } from "zod";
import { writeFileAtomic } from "../atomic-file.ts";
import { createQueuedJob, type LaunchRequest } from "./launch-file.ts";

const QUEUE_DIR = ".queue";
const settingsSchema = z.object({ slots: z.int().positive() });

/** Folder of the local queue of a `runs/` folder. */
export const queueDir = (runsDir: string): string => join(runsDir, QUEUE_DIR);

/** How many jobs of `runsDir` work at the same time (default 1). */
export function queueSlots(runsDir: string): number {
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(join(queueDir(runsDir), "settings.json"), "utf8"))).slots;
  } catch {
    return 1;
  }
}

/** Sets how many jobs of `runsDir` may work at the same time; a running queue follows within a second. */
export function setQueueSlots(runsDir: string, slots: number): void {
  mkdirSync(queueDir(runsDir), { recursive: true });
  writeFileAtomic(join(queueDir(runsDir), "settings.json"), JSON.stringify(settingsSchema.parse({ slots })) + "\n");
}

/**
 * Queues a job and makes sure that a queue runner is at work on `runsDir`. The runner is a process of its own: it starts
 * queued jobs, oldest first, while fewer than `queueSlots` are active, and ends when nothing is queued. Returns the job's directory.
 */
export function launchLocal(request: LaunchRequest): string {
  const dir = createQueuedJob(request);
  ensureQueueRunner(request.runsDir);
  return dir;
}

/** Starts the queue runner of `runsDir`; one that is at work already makes the new one end at once. */
export function ensureQueueRunner(runsDir: string): void {
  mkdirSync(queueDir(runsDir), { recursive: true });
  const { url, options } = workerEntry(import.meta.url, "./queue-runner").process;
  spawn(process.execPath, [...options.execArgv, fileURLToPath(url), runsDir], {
    detached: true,
    stdio: "ignore",
    windowsHide: true,
  }).unref();
}
