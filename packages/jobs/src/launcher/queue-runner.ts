// Process of its own: works off the queue of one runs/ folder, then ends. Started by launchLocal.
import { setTimeout as sleep } from "node:timers/promises";
import { PixelVlaError } from "@pixelvla/core";
import { acquireLock, type JobLock } from "../lock.ts";
import { listJobs } from "../reader.ts";
import { queueDir, queueSlots } from "./local.ts";
import { LocalQueue } from "./queue.ts";

const POLL_MS = 500;
/** Rounds without a queued job before the runner ends; a launch in that time is still seen. */
const IDLE_ROUNDS = 4;

const runsDir = process.argv[2];
if (runsDir === undefined) throw new Error("internal: queue-runner needs a runs folder");

// A launcher that meets this runner's lock counts on it: hence the look after the lock is released.
do {
  const lock = takeLock(queueDir(runsDir));
  if (lock === undefined) break;
  try {
    await workOff(runsDir, lock);
  } finally {
    lock.release();
  }
} while ((await listJobs(runsDir)).jobs.some((job) => job.status.state === "queued"));

async function workOff(dir: string, lock: JobLock): Promise<void> {
  const queue = new LocalQueue(dir);
  for (let idle = 0; idle < IDLE_ROUNDS;) {
    const { queued } = await queue.pump(queueSlots(dir));
    idle = queued === 0 ? idle + 1 : 0;
    lock.refresh();
    await sleep(POLL_MS);
  }
}

/** Undefined when another runner is at work on the same folder. */
function takeLock(dir: string): JobLock | undefined {
  try {
    return acquireLock(dir);
  } catch (error) {
    if (error instanceof PixelVlaError && error.code === "PVLA_JOB_LOCKED") return undefined;
    throw error;
  }
}
