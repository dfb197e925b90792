import { Worker } from "node:worker_threads";
import { PixelVlaError, workerEntry } from "@pixelvla/core";
import { recipeTooLarge, threadDied } from "../errors.ts";
import { Limiter } from "../limiter.ts";
import type { RecipeAnswers, RecipeQuestion, RecipeReply } from "./recipe-messages.ts";

/** A recipe that takes longer than this, or more memory, is refused. Loading the parts themselves takes a few seconds the first time. */
const TIMEOUT_MS = 30_000;
const MAX_HEAP_MB = 2048;

type OfKind<K extends RecipeQuestion["kind"]> = Extract<RecipeQuestion, { kind: K }>;

/** A thread that composes recipes, one at a time; replaced when a recipe hangs or exhausts it. */
export class RecipeThread {
  readonly #turn = new Limiter(1);
  readonly #timeoutMs: number;
  #worker: Worker | undefined;
  #isClosed = false;
  #nextId = 1;

  constructor(timeoutMs = TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  /** @throws what the question's answer throws, and PVLA_STUDIO_RECIPE when the recipe takes too long or too much memory */
  ask<K extends RecipeQuestion["kind"]>(question: OfKind<K>): Promise<RecipeAnswers[K]> {
    return this.#turn.run(() => this.#askNow(question));
  }

  /** Ends the thread for good: what is asked or waits its turn is refused. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #askNow<K extends RecipeQuestion["kind"]>(question: OfKind<K>): Promise<RecipeAnswers[K]> {
    if (this.#isClosed) return Promise.reject(threadDied("for a recipe", "it was closed"));
    const worker = (this.#worker ??= this.#start());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        clearTimeout(timer);
        worker.off("message", onMessage).off("error", give).off("exit", give);
        end();
      };
      const give = () =>
        settle(() => {
          this.#worker = undefined;
          void worker.terminate();
          reject(this.#isClosed ? threadDied("for a recipe", "it was closed") : recipeTooLarge());
        });
      const onMessage = (reply: RecipeReply) => {
        if (reply.id !== id) return;
        const { failure } = reply;
        if (failure === undefined) settle(() => resolve(reply.answer as RecipeAnswers[K]));
        else settle(() => reject(new PixelVlaError(failure.code, failure.message, { fix: failure.fix })));
      };
      const timer = setTimeout(give, this.#timeoutMs);
      worker.on("message", onMessage).on("error", give).on("exit", give);
      worker.postMessage({ ...question, id });
    });
  }

  #start(): Worker {
    const { url, options } = workerEntry(import.meta.url, "./recipe-worker").thread;
    const worker = new Worker(url, { ...options, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB } });
    worker.on("error", () => undefined); // told to whoever waits; never the end of the host
    worker.unref();
    return worker;
  }
}
