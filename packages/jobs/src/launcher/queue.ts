import { writeFileAtomic } from "../atomic-file.ts";
import { takeCommands } from "../commands.ts";
import { jobPaths } from "../paths.ts";
import { listJobs, readStatus, type JobSummary } from "../reader.ts";
import type { JobStatus } from "../status.ts";
import { startDetached } from "./start.ts";

/** A job that was started but has not yet taken its directory; it counts as active for this long. */
const START_GRACE_MS = 60_000;

/** Starts queued jobs of `runsDir` while fewer than `slots` are active. Call it again and again. */
export class LocalQueue {
  readonly #runsDir: string;
  readonly #startedMs = new Map<string, number>();

  constructor(runsDir: string) {
    this.#runsDir = runsDir;
  }

  /** One round. Returns how many jobs wait and how many are at work after it. */
  async pump(slots: number): Promise<{ queued: number; active: number }> {
    const { jobs } = await listJobs(this.#runsDir);
    const active = jobs.filter((job) => this.#isActive(job));
    const waiting = jobs.filter((job) => job.status.state === "queued" && !this.#isActive(job));
    waiting.sort((a, b) => a.status.createdAt.localeCompare(b.status.createdAt) || a.id.localeCompare(b.id));
    let nActive = active.length;
    let nQueued = waiting.length;
    for (const job of waiting) {
      if ((await takeCommands(job.dir)).includes("stop")) {
        endQueued(job.dir, job.status, "stopped");
        nQueued -= 1;
      } else if (nActive < slots) {
        await this.#start(job);
        nActive += 1;
        nQueued -= 1;
      }
    }
    return { queued: nQueued, active: nActive };
  }

  #isActive(job: JobSummary): boolean {
    if (job.status.state === "queued") {
      const startedMs = this.#startedMs.get(job.dir);
      return startedMs !== undefined && Date.now() - startedMs < START_GRACE_MS;
    }
    return job.observed === "running" || job.observed === "paused" || job.observed === "stopping";
  }

  async #start(job: JobSummary): Promise<void> {
    if (this.#startedMs.has(job.dir)) {
      endQueued(job.dir, await readStatus(job.dir), "failed");
      return;
    }
    this.#startedMs.set(job.dir, Date.now());
    try {
      await startDetached(job.dir);
    } catch (error) {
      const { code = "PVLA_LAUNCH", message } = error as { code?: string; message: string };
      endQueued(job.dir, job.status, "failed", { code, message });
    }
  }
}

/** Nobody works in a queued job, so the queue may write how it ended. */
function endQueued(
  dir: string,
  status: JobStatus,
  state: "stopped" | "failed",
  error?: { code: string; message: string },
) {
  const now = new Date().toISOString();
  const silent = {
    code: "PVLA_LAUNCH",
    message: `Launching a job: its process ended before it began to work. See ${jobPaths(dir).log}.`,
  };
  const ended: JobStatus = {
    ...status,
    state,
    heartbeatAt: now,
    endedAt: now,
    error: state === "failed" ? (error ?? silent) : null,
  };
  writeFileAtomic(jobPaths(dir).status, JSON.stringify(ended, null, 2) + "\n");
}
