import { Worker } from "node:worker_threads";
import { PixelVlaError, workerEntry } from "@pixelvla/core";
import { segmenterGone } from "./errors.ts";
import type { CarriedMask, SegmentedMask, SegmentQuestion, SegmentReply } from "./segment-messages.ts";

type OfKind<K extends SegmentQuestion["kind"]> = Extract<SegmentQuestion, { kind: K }>;

interface Waiting {
  onReply(reply: SegmentReply): void;
  onGone(error: Error): void;
}

/** The thread with the review room's segmenter and tracker; started when first asked, and again if it should end. */
export class SegmentThread {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;

  /** @throws PVLA_STUDIO_SEGMENTER when the thread ends, and what the models throw */
  segment(question: OfKind<"segment">): Promise<SegmentedMask> {
    return new Promise((resolve, reject) => {
      const id = this.#ask(question, {
        onReply: (reply) => {
          this.#waiting.delete(id);
          if ("segmented" in reply) resolve(reply.segmented);
          else if ("failure" in reply) reject(asError(reply.failure));
        },
        onGone: reject,
      });
    });
  }

  /** Frames as they are done, then the models' names. Ending the loop early stops the work. @throws as `segment` */
  async *propagate(question: OfKind<"propagate">, signal: AbortSignal): AsyncGenerator<CarriedMask, string> {
    const replies: SegmentReply[] = [];
    let failure: Error | undefined;
    let wake: () => void = () => undefined;
    const id = this.#ask(question, {
      onReply: (reply) => {
        replies.push(reply);
        wake();
      },
      onGone: (error) => {
        failure = error;
        wake();
      },
    });
    const onAbort = () => wake();
    signal.addEventListener("abort", onAbort);
    try {
      for (;;) {
        const reply = replies.shift();
        if (reply !== undefined) {
          if ("carried" in reply) yield reply.carried;
          else if ("end" in reply) return reply.end.model;
          else if ("failure" in reply) throw asError(reply.failure);
        } else if (failure !== undefined) throw failure;
        else if (signal.aborted) throw signal.reason;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#waiting.delete(id);
      this.#worker?.postMessage({ id, cancel: true });
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #ask(question: SegmentQuestion, waiting: Waiting): number {
    const id = this.#nextId++;
    this.#waiting.set(id, waiting);
    (this.#worker ??= this.#start()).postMessage({ id, question });
    return id;
  }

  #start(): Worker {
    const { url, options } = workerEntry(import.meta.url, "./segment-worker").thread;
    const worker = new Worker(url, options);
    const gone = (reason: string) => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      for (const { onGone } of this.#waiting.values()) onGone(segmenterGone(reason));
      this.#waiting.clear();
    };
    worker.on("message", (reply: SegmentReply) => this.#waiting.get(reply.id)?.onReply(reply));
    worker.on("error", (error) => gone(`its thread failed (${error.message})`));
    worker.on("exit", () => gone("its thread ended"));
    worker.unref();
    return worker;
  }
}

function asError({ code, message, fix }: Extract<SegmentReply, { failure: unknown }>["failure"]): Error {
  return code === undefined
    ? segmenterGone(message)
    : new PixelVlaError(code, message, fix === undefined ? {} : { fix });
}
