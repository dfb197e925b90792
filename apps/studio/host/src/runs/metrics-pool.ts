import { availableParallelism } from "node:os";
import { workerEntry } from "@pixelvla/core";
import { Thread } from "../thread/thread.ts";
import type {
  BinsQuestion,
  CurvesQuestion,
  MetricsFile,
  MetricsMethods,
  MetricsThreadData,
} from "./metrics-messages.ts";
import { MetricsStore } from "./metrics-store.ts";

/** The stored columns of all runs together. */
const STORE_BYTES = 2 * 2 ** 30;

/** One thread's share of the files, and its answer about them. */
interface Share<K extends "curves" | "extents" | "bins"> {
  readonly files: readonly MetricsFile[];
  readonly answer: ReturnType<MetricsMethods[K]>;
}

interface Questions {
  readonly curves: CurvesQuestion;
  readonly extents: Pick<CurvesQuestion, "files" | "keys" | "axis">;
  readonly bins: BinsQuestion;
}

/** A few threads that read metrics files. A file always goes to the same thread, which has it in memory. Each starts when first asked. */
export class MetricsPool {
  readonly #threads: readonly Thread<MetricsMethods>[];
  readonly #storeDir: string;
  #isUsed = false;

  /** @param storeDir folder of stored columns, in the workspace's cache */
  constructor(storeDir: string) {
    this.#storeDir = storeDir;
    const { url, options } = workerEntry(import.meta.url, "./metrics-worker").thread;
    const workerData: MetricsThreadData = { storeDir };
    const thread = { url, options: { ...options, workerData } };
    const size = Math.min(4, Math.max(2, availableParallelism()));
    this.#threads = Array.from({ length: size }, () => new Thread<MetricsMethods>("for metrics", { thread }));
  }

  /** Starts the threads, so that the first question need not wait for them. */
  start(): void {
    for (const thread of this.#threads) thread.start();
  }

  /** Asks every thread about its share of the files. @throws PVLA_STUDIO_THREAD */
  async ask<K extends keyof Questions>(kind: K, question: Questions[K]): Promise<Share<K>[]> {
    this.#isUsed = true;
    const shares = this.#threads.map((): MetricsFile[] => []);
    for (const file of question.files) shares[shareOf(file.runId, shares.length)]!.push(file);
    return Promise.all(
      shares
        .map((files, index) => ({ files, thread: this.#threads[index]! }))
        .filter(({ files }) => files.length > 0)
        .map(async ({ files, thread }) => ({ files, answer: await thread.ask<K>(kind, { ...question, files }) })),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
    if (this.#isUsed) new MetricsStore(this.#storeDir).prune(STORE_BYTES);
  }
}

function shareOf(runId: string, n: number): number {
  let hash = 0;
  for (let i = 0; i < runId.length; i++) hash = (hash * 31 + runId.charCodeAt(i)) >>> 0;
  return hash % n;
}
