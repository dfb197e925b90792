import { Worker } from "node:worker_threads";
import { PixelVlaError, workerEntry } from "@pixelvla/core";
import type { ControlCommand, RolloutEvent } from "@pixelvla/studio-contract";
import { threadDied } from "../errors.ts";
import type { FromRollout, RolloutJob } from "./rollout-messages.ts";

/** Rollouts at the same time; a further one ends the oldest. */
const AT_ONCE = 3;

/** Rollouts under way, each in a thread of its own that ends with whoever watches it. */
export class RolloutThreads {
  readonly #running = new Map<string, Worker>();
  #nextId = 0;

  /** Plays a job and yields what it tells. `id` is what `control` is called with. @throws what the policy or the log throws, PVLA_STUDIO_THREAD */
  async *play(job: RolloutJob, signal: AbortSignal, id = `#${this.#nextId++}`): AsyncGenerator<RolloutEvent> {
    const { url, options } = workerEntry(import.meta.url, "./rollout-worker").thread;
    const worker = new Worker(url, { ...options, workerData: job });
    this.#running.set(id, worker);
    for (const [oldest, other] of this.#running) {
      if (this.#running.size <= AT_ONCE) break;
      this.#running.delete(oldest);
      void other.terminate();
    }
    const inbox: FromRollout[] = [];
    let ended: Error | "done" | undefined;
    let wake: () => void = () => undefined;
    const end = (how: Error | "done") => {
      ended ??= how;
      wake();
    };
    worker.on("message", (message: FromRollout) => {
      inbox.push(message);
      wake();
    });
    worker.on("error", (error) => end(error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", (code) => end(code === 0 ? "done" : threadDied("the rollout", `it ended with code ${code}`)));
    const onAbort = () => wake();
    signal.addEventListener("abort", onAbort);
    try {
      while (!signal.aborted) {
        const message = inbox.shift();
        if (message === undefined) {
          if (ended === "done") return;
          if (ended !== undefined) throw ended;
          await new Promise<void>((resolve) => (wake = resolve));
        } else if ("event" in message) yield message.event;
        else {
          const { code, message: text, fix } = message.failure;
          throw new PixelVlaError(code, text, fix === undefined ? {} : { fix });
        }
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      if (this.#running.get(id) === worker) this.#running.delete(id);
      await worker.terminate();
    }
  }

  /** Passes a command on; one for a rollout that has ended is dropped. */
  control(id: string, command: ControlCommand): void {
    this.#running.get(id)?.postMessage(command);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((worker) => worker.terminate()));
    this.#running.clear();
  }
}
