import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { workerEntry } from "@pixelvla/core";
import type { RgbImage } from "../episode.ts";

/** JPEGs one after the other; `ends[i]` is where the i-th ends. */
export interface JpegBatch {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly ends: readonly number[];
}

/** One result an image; undefined where it did not decode. */
export interface JpegReply {
  readonly id: number;
  readonly images: readonly (RgbImage | undefined)[];
}

/** Enough to make the message cheap beside the work, few enough to share them out. */
const MAX_BATCH = 32;
const MAX_WORKERS = 4;

/** One thread and how many images it has before it. */
interface Slot {
  readonly worker: Worker;
  load: number;
}

interface Request {
  readonly jpeg: Uint8Array;
  readonly resolve: (image: RgbImage | undefined) => void;
}

/**
 * Decodes small JPEGs in worker threads. Calling sharp costs about half a millisecond of the main thread an image, more than
 * decoding a thumbnail takes; here requests of one tick travel together. Pixels equal sharp's: both are libjpeg-turbo.
 */
class JpegPool {
  readonly #workers: Slot[] = [];
  readonly #pending = new Map<number, { requests: readonly Request[]; slot: Slot }>();
  #queue: Request[] = [];
  #nextId = 0;
  #isScheduled = false;

  /** The image, or undefined where this decoder finds fault with it. */
  decode(jpeg: Uint8Array): Promise<RgbImage | undefined> {
    return new Promise((resolve) => {
      this.#queue.push({ jpeg, resolve });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    this.#isScheduled = false;
    const queue = this.#queue;
    this.#queue = [];
    const nWorkers = Math.min(MAX_WORKERS, availableParallelism());
    const size = Math.min(MAX_BATCH, Math.ceil(queue.length / nWorkers));
    for (let at = 0; at < queue.length; at += size) this.#send(queue.slice(at, at + size), nWorkers);
  }

  #send(requests: readonly Request[], nWorkers: number): void {
    const slot = this.#leastLoaded(nWorkers);
    const ends: number[] = [];
    for (const { jpeg } of requests) ends.push((ends.at(-1) ?? 0) + jpeg.length);
    const bytes = new Uint8Array(ends.at(-1) ?? 0);
    requests.forEach(({ jpeg }, i) => bytes.set(jpeg, ends[i - 1] ?? 0));
    const id = this.#nextId++;
    this.#pending.set(id, { requests, slot });
    slot.load += requests.length;
    slot.worker.ref();
    slot.worker.postMessage({ id, bytes, ends } satisfies JpegBatch, [bytes.buffer]);
  }

  #leastLoaded(nWorkers: number): Slot {
    const idle = this.#workers.find(({ load }) => load === 0);
    if (idle) return idle;
    if (this.#workers.length < nWorkers) return this.#start();
    return this.#workers.reduce((best, slot) => (slot.load < best.load ? slot : best));
  }

  #start(): Slot {
    const { url, options } = workerEntry(import.meta.url, "./jpeg-worker").thread;
    const slot: Slot = { worker: new Worker(url, options), load: 0 };
    this.#workers.push(slot);
    slot.worker.on("message", ({ id, images }: JpegReply) => this.#settle(id, images));
    slot.worker.on("error", () => this.#fail(slot)); // its images go to the other decoder
    slot.worker.unref();
    return slot;
  }

  #fail(slot: Slot): void {
    this.#workers.splice(this.#workers.indexOf(slot), 1);
    for (const [id, pending] of this.#pending) if (pending.slot === slot) this.#settle(id, []);
  }

  #settle(id: number, images: readonly (RgbImage | undefined)[]): void {
    const { requests, slot } = this.#pending.get(id)!;
    this.#pending.delete(id);
    slot.load -= requests.length;
    requests.forEach(({ resolve }, i) => resolve(images[i]));
    if (slot.load === 0) slot.worker.unref();
  }
}

/** The process's pool; its threads start with the first image and do not keep the process alive. */
export const jpegPool = new JpegPool();
