import { Worker } from "node:worker_threads";
import { PixelVlaError, workerEntry } from "@pixelvla/core";
import { feedCrashed } from "../errors.ts";
import type { FeedReply, FeedRequest } from "./feed-protocol.ts";

type RequestBody = FeedRequest extends infer R ? (R extends FeedRequest ? Omit<R, "id"> : never) : never;

/**
 * The thread that reads a dataset: requests to it and their answers. It serves one feed at a time; the next one on the same pictures
 * finds them decoded.
 */
export class FeedThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  #nextId = 0;
  #ended: Error | undefined;

  constructor() {
    const { url, options } = workerEntry(import.meta.url, "./feed-worker").thread;
    this.#worker = new Worker(url, options);
    this.#worker.on("message", ({ id, value, error }: FeedReply) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(value);
      else if (error.code === "PVLA_FEED") waiting?.reject(feedCrashed(error.message));
      else waiting?.reject(new PixelVlaError(error.code, error.message, error.facts));
    });
    this.#worker.on("error", (error: unknown) => {
      this.#fail(feedCrashed(error instanceof Error ? error.message : String(error), error));
    });
    this.#worker.on("exit", (code) => this.#fail(feedCrashed(`the worker ended with status ${code}`)));
  }

  call(body: RequestBody, transfer: readonly ArrayBuffer[] = []): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...body }, transfer);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
