import { Worker, type Transferable } from "node:worker_threads";
import type { WorkerEntry } from "@pixelvla/core";
import { cancelled, disposed, timedOut, workerCrashed } from "../errors.ts";
import { receiveError, type SentError } from "./worker-errors.ts";

export interface Request {
  readonly id: number;
  readonly method: string;
  readonly payload: unknown;
}

export type Reply =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly error: SentError };

export interface CallOptions {
  readonly transfer?: readonly Transferable[];
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/**
 * Requests to one worker thread, answered in order (see `serveWorker`). The worker does not keep the process alive
 * unless a request is open. When it dies, every open and later request rejects with PVLA_ENGINE_CRASHED.
 */
export class WorkerChannel {
  readonly #what: string;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #ended: Error | undefined;

  constructor(what: string, entry: WorkerEntry["thread"]) {
    this.#what = what;
    this.#worker = new Worker(entry.url, entry.options);
    this.#worker.unref();
    this.#worker.on("message", (reply: Reply) => this.#receive(reply));
    this.#worker.on("error", (error) => this.#end(workerCrashed(what, error.message, error)));
    this.#worker.on("exit", (code) => this.#end(workerCrashed(what, `it ended with code ${code}`)));
  }

  /** Sends one request. Cancelling or timing out rejects at once; an answer that comes later is dropped. */
  call<T>(method: string, payload: unknown, { transfer = [], signal, timeoutMs }: CallOptions = {}): Promise<T> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (signal?.aborted === true) return Promise.reject(cancelled(this.#what));
    const id = this.#nextId++;
    return new Promise<T>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const settle = (finish: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        if (this.#waiting.delete(id) && this.#waiting.size === 0) this.#worker.unref();
        finish();
      };
      const onAbort = () => {
        this.#worker.postMessage({ cancel: id });
        settle(() => reject(cancelled(this.#what)));
      };
      if (timeoutMs !== undefined) {
        timer = setTimeout(() => {
          this.#worker.postMessage({ cancel: id });
          settle(() => reject(timedOut(this.#what, timeoutMs)));
        }, timeoutMs);
      }
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#worker.ref();
      this.#waiting.set(id, {
        resolve: (result) => settle(() => resolve(result as T)),
        reject: (error) => settle(() => reject(error)),
      });
      const request: Request = { id, method, payload };
      try {
        this.#worker.postMessage(request, transfer);
      } catch (error) {
        this.#waiting.get(id)?.reject(error as Error);
      }
    });
  }

  /** Lets the worker finish what it runs, then ends it; open requests reject. */
  async end(): Promise<void> {
    this.#end(disposed(this.#what));
    await this.#worker.terminate();
  }

  #receive(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    if (waiting === undefined) return;
    if (reply.ok) waiting.resolve(reply.result);
    else waiting.reject(receiveError(reply.error));
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of [...this.#waiting.values()]) waiting.reject(this.#ended);
  }
}
