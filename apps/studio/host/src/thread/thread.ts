import { Worker } from "node:worker_threads";
import { PixelVlaError, type WorkerEntry } from "@pixelvla/core";
import { threadDied } from "../errors.ts";

/** What a thread can be asked: question and answer by method. */
export type Methods = Readonly<Record<string, (question: never) => unknown>>;

export interface ThreadRequest {
  readonly id: number;
  readonly method: string;
  readonly question: unknown;
}

export type ThreadReply =
  | { readonly id: number; readonly answer: unknown }
  | {
      readonly id: number;
      readonly error: { code: string; message: string; facts: Readonly<Record<string, unknown>> };
    };

const CLOSED = "it was closed";

interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/**
 * A worker thread of the host that answers questions (see `serveThread`): what computes for longer than a moment lives in one, so that the host
 * goes on answering. It starts with the first question; when it dies, whoever waits is told and the next question starts another.
 */
export class Thread<M extends Methods> {
  readonly #what: string;
  readonly #entry: WorkerEntry["thread"];
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #isClosed = false;
  #nextId = 0;

  /** @param what names the thread in errors, e.g. "the policy" */
  constructor(what: string, { thread }: Pick<WorkerEntry, "thread">) {
    this.#what = what;
    this.#entry = thread;
  }

  /** Starts the thread now rather than with the first question. */
  start(): void {
    if (!this.#isClosed) this.#worker ??= this.#start();
  }

  /** @throws PVLA_STUDIO_THREAD when the thread dies or is closed meanwhile, and what the method throws */
  ask<K extends keyof M & string>(method: K, question: Parameters<M[K]>[0]): Promise<Awaited<ReturnType<M[K]>>> {
    if (this.#isClosed) return Promise.reject(threadDied(this.#what, CLOSED));
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, method, question } satisfies ThreadRequest);
    });
  }

  /** Ends the thread for good; whoever waits is told. */
  async close(): Promise<void> {
    const worker = this.#worker;
    this.#isClosed = true;
    this.#worker = undefined;
    this.#giveUp(CLOSED);
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#entry.url, this.#entry.options);
    worker.unref();
    worker.on("message", (reply: ThreadReply) => this.#receive(reply));
    worker.on("error", (error) => this.#died(worker, error instanceof Error ? error.message : String(error)));
    worker.on("exit", (code) => this.#died(worker, `it ended with code ${code}`));
    return worker;
  }

  #receive(reply: ThreadReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (waiting === undefined) return;
    if ("answer" in reply) waiting.resolve(reply.answer);
    else waiting.reject(new PixelVlaError(reply.error.code, reply.error.message, reply.error.facts));
  }

  #died(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#giveUp(reason);
  }

  #giveUp(reason: string): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(threadDied(this.#what, reason));
  }
}
