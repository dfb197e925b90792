import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { jobLocked } from "./errors.ts";
import { jobPaths } from "./paths.ts";
import { isProcessAlive, processStart, thisHost } from "./process-identity.ts";

const lockSchema = z.object({
  pid: z.int(),
  host: z.string(),
  since: z.string(),
  start: z.string().optional(),
  token: z.string(),
});
type LockContent = z.output<typeof lockSchema>;

/** A lock on another machine counts as abandoned when nobody has touched it for this long. */
export const FOREIGN_LOCK_STALE_MS = 120_000;

/** Holds a job directory for one worker until released. */
export interface JobLock {
  /** Tells workers on other machines that this one is alive; call it at every heartbeat. */
  refresh(): void;
  release(): void;
}

/**
 * Takes the lock of the job directory `dir`. A lock left by a process that is gone is taken over.
 * @throws PVLA_JOB_LOCKED when another worker holds it
 */
export function acquireLock(dir: string): JobLock {
  const file = jobPaths(dir).lock;
  const mine: LockContent = {
    pid: process.pid,
    host: thisHost(),
    since: new Date().toISOString(),
    start: processStart(process.pid),
    token: randomUUID(),
  };
  const aside = `${file}.${mine.token}`;
  const text = JSON.stringify(mine) + "\n";
  writeFileSync(aside, text);
  try {
    for (let attempt = 0; ; attempt++) {
      if (createExclusively(aside, file, text)) break;
      const held = readLock(file);
      if (held === undefined) continue; // released between the two calls
      if (!isAbandoned(held, file) || attempt > 5) throw jobLocked(dir, held);
      removeIfStill(file, held);
    }
  } finally {
    rmSync(aside, { force: true });
  }
  return {
    refresh: () => {
      // Its time only: a worker killed while it wrote the content anew would leave an empty lock that nobody could call abandoned.
      if (readLock(file)?.token === mine.token) utimesSync(file, new Date(), new Date());
    },
    release: () => {
      if (readLock(file)?.token === mine.token) rmSync(file, { force: true });
    },
  };
}

/** Gives `aside` the second name `file`, whole and only if that name is free. */
function createExclusively(aside: string, file: string, text: string): boolean {
  try {
    linkSync(aside, file);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
  }
  try {
    writeFileSync(file, text, { flag: "wx" }); // file systems without hard links
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function readLock(file: string): LockContent | undefined {
  try {
    return lockSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    return { pid: 0, host: "an unknown machine", since: "an unknown time", token: "unreadable" };
  }
}

function isAbandoned(held: LockContent, file: string): boolean {
  if (held.host === thisHost()) return !isProcessAlive(held.pid, held.start);
  try {
    return Date.now() - statSync(file).mtimeMs > FOREIGN_LOCK_STALE_MS;
  } catch {
    return true;
  }
}

/** Two workers may find the same abandoned lock: only the one whose rename meets that very lock removes it. */
function removeIfStill(file: string, held: LockContent): void {
  const grave = `${file}.stale-${randomUUID()}`;
  try {
    renameSync(file, grave);
  } catch {
    return; // another worker was first
  }
  if (readLock(grave)?.token !== held.token) {
    try {
      linkSync(grave, file); // it was a fresh lock: put it back
    } catch {
      // a third worker took the name meanwhile; its own check will refuse one of the two
    }
  }
  rmSync(grave, { force: true });
}
