import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { workerEntry } from "@pixelvla/core";
import type {
  MetricsAnswers,
  MetricsFile,
  MetricsQuestion,
  MetricsReply,
  MetricsThreadData,
} from "./metrics-messages.ts";
import { MetricsStore } from "./metrics-store.ts";

/** The stored columns of all runs together. */
const STORE_BYTES = 2 * 2 ** 30;

interface Pending {
  readonly resolve: (answer: MetricsAnswers[keyof MetricsAnswers]) => void;
  readonly reject: (error: Error) => void;
}

interface Member {
  readonly worker: Worker;
  readonly pending: Map<number, Pending>;
}

type OfKind<K extends MetricsQuestion["kind"]> = Extract<MetricsQuestion, { kind: K }>;

/** A few threads that read metrics files. A file always goes to the same thread, which has it in memory. Started when first asked. */
export class MetricsPool {
  readonly #size = Math.min(4, Math.max(2, availableParallelism()));
  readonly #members: (Member | undefined)[] = [];
  #nextId = 1;
  readonly #storeDir: string;

  /** @param storeDir folder of stored columns, in the workspace's cache */
  constructor(storeDir: string) {
    this.#storeDir = storeDir;
  }

  /** Asks every thread about its share of the files; gives each answer with that share. */
  async ask<K extends MetricsQuestion["kind"]>(
    question: OfKind<K>,
  ): Promise<{ readonly files: readonly MetricsFile[]; readonly answer: MetricsAnswers[K] }[]> {
    const shares = Array.from({ length: this.#size }, (): MetricsFile[] => []);
    for (const file of question.files) shares[shareOf(file.runId, this.#size)]!.push(file);
    return Promise.all(
      shares
        .map((files, index) => ({ files, index }))
        .filter(({ files }) => files.length > 0)
        .map(async ({ files, index }) => ({
          files,
          answer: (await this.#askOne(index, { ...question, files })) as MetricsAnswers[K],
        })),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.flatMap((member) => member?.worker.terminate() ?? []));
    if (this.#members.length > 0) new MetricsStore(this.#storeDir).prune(STORE_BYTES);
  }

  #askOne(index: number, question: MetricsQuestion): Promise<MetricsAnswers[keyof MetricsAnswers]> {
    const { worker, pending } = (this.#members[index] ??= this.#start(index));
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      pending.set(id, { resolve, reject });
      worker.postMessage({ ...question, id });
    });
  }

  #start(index: number): Member {
    const { url, options } = workerEntry(import.meta.url, "./metrics-worker").thread;
    const workerData: MetricsThreadData = { storeDir: this.#storeDir };
    const worker = new Worker(url, { ...options, workerData });
    const pending = new Map<number, Pending>();
    worker.unref();
    worker.on("message", (reply: MetricsReply) => {
      const waiting = pending.get(reply.id);
      pending.delete(reply.id);
      if ("failure" in reply) waiting?.reject(new Error(reply.failure));
      else waiting?.resolve(reply.answer);
    });
    const end = (error: Error) => {
      this.#members[index] = undefined;
      for (const { reject } of pending.values()) reject(error);
      pending.clear();
    };
    worker.on("error", end);
    worker.on("exit", (code) => end(new Error(`internal: the metrics thread ended with code ${code}`)));
    return { worker, pending };
  }
}

function shareOf(runId: string, n: number): number {
  let hash = 0;
  for (let i = 0; i < runId.length; i++) hash = (hash * 31 + runId.charCodeAt(i)) >>> 0;
  return hash % n;
}
