import { setTimeout as sleep } from "node:timers/promises";
import type { JobCommand, JobWriter } from "@pixelvla/jobs";

const POLL_MS = 200;

/** Looks a few times a second for the commands given to a run, and to the job whose part it is. */
export class CommandWatch {
  readonly #jobs: readonly JobWriter[];
  readonly #signal: AbortSignal | undefined;
  #lastPollMs = 0;

  constructor(jobs: readonly (JobWriter | undefined)[], signal: AbortSignal | undefined) {
    this.#jobs = jobs.filter((job) => job !== undefined);
    this.#signal = signal;
  }

  /** Whether the run is to stop; rests here while it is paused. */
  async shouldStop(onPaused: () => void): Promise<boolean> {
    if (this.#signal?.aborted) return true;
    if (Date.now() - this.#lastPollMs < POLL_MS) return false;
    this.#lastPollMs = Date.now();
    const commands = await this.#take();
    if (commands.includes("stop")) return true;
    if (!commands.includes("pause")) return false;
    this.#jobs[0]?.setState("paused");
    onPaused();
    for (;;) {
      await sleep(POLL_MS);
      const next = await this.#take();
      if (next.includes("stop") || this.#signal?.aborted) return true;
      if (next.includes("resume")) break;
    }
    this.#jobs[0]?.setState("running");
    return false;
  }

  async #take(): Promise<JobCommand[]> {
    return (await Promise.all(this.#jobs.map((job) => job.takeCommands()))).flat();
  }
}
