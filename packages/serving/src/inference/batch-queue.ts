import { requestTimedOut, serverBusy, serverDraining } from "../errors.ts";
import type { InferenceClient } from "./inference-client.ts";
import type { InferenceRequest, InferenceResult, SentResult } from "./messages.ts";
import { receiveFailure } from "./sent-failure.ts";

export interface BatchQueueOptions {
  /** Requests that may wait; further ones are refused at once. */
  readonly maxWaiting: number;
  readonly timeoutMs: number;
  /** Time the first request of a batch waits for others. */
  readonly gatherMs: number;
}

interface Waiting {
  readonly request: InferenceRequest;
  readonly enqueuedMs: number;
  /** When the policy got it. */
  begunMs: number;
  /** No more to be answered: it timed out, or its client left. */
  isSettled: boolean;
  settle(outcome: { readonly result: InferenceResult } | { readonly error: unknown }): void;
}

/** An answer and how long it waited before the policy had it. */
export interface QueuedResult extends InferenceResult {
  readonly waitMs: number;
}

/**
 * Gathers the requests of all clients into batches, one batch in the policy at a time: what arrives while it works forms the
 * next. Two requests of one session never share a batch, because an episode is looked at in order.
 */
export class BatchQueue {
  readonly #client: InferenceClient;
  readonly #options: BatchQueueOptions;
  readonly #waiting: Waiting[] = [];
  #maxBatch = 1;
  #running: readonly Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isDraining = false;
  #onIdle: (() => void) | undefined;

  constructor(client: InferenceClient, options: BatchQueueOptions) {
    this.#client = client;
    this.#options = options;
  }

  setMaxBatch(maxBatch: number): void {
    this.#maxBatch = maxBatch;
  }

  get nWaiting(): number {
    return this.#waiting.length;
  }

  get nRunning(): number {
    return this.#running.length;
  }

  /**
   * One answer of the policy. Aborting `signal` (the client left) gives the place in the queue free.
   * @throws PVLA_SERVE_BUSY, PVLA_SERVE_DRAINING, PVLA_SERVE_TIMEOUT, PVLA_SERVE_WORKER, and the policy's own errors
   */
  ask(request: InferenceRequest, signal?: AbortSignal): Promise<QueuedResult> {
    if (this.#isDraining) return Promise.reject(serverDraining());
    if (this.#waiting.length >= this.#options.maxWaiting) return Promise.reject(serverBusy(this.#options.maxWaiting));
    return new Promise((resolve, reject) => {
      const enqueuedMs = performance.now();
      const settle: Waiting["settle"] = (outcome) => {
        if (waiting.isSettled) return;
        waiting.isSettled = true;
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        if ("result" in outcome) resolve({ ...outcome.result, waitMs: waiting.begunMs - enqueuedMs });
        else reject(outcome.error instanceof Error ? outcome.error : new Error(String(outcome.error)));
      };
      const waiting: Waiting = { request, enqueuedMs, begunMs: enqueuedMs, isSettled: false, settle };
      const onAbort = () => this.#drop(waiting, serverDraining());
      const timer = setTimeout(() => {
        this.#drop(waiting, requestTimedOut(this.#options.timeoutMs));
      }, this.#options.timeoutMs);
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#pump();
    });
  }

  /** Takes no more requests; settles when those it has are answered. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    if (this.#waiting.length === 0 && this.#running.length === 0) return;
    await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  #drop(waiting: Waiting, error: unknown): void {
    waiting.settle({ error });
    const at = this.#waiting.indexOf(waiting);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#reportIdle();
  }

  #pump(): void {
    if (this.#running.length > 0 || this.#waiting.length === 0 || this.#timer !== undefined) return;
    const { gatherMs } = this.#options;
    if (gatherMs > 0 && this.#waiting.length < this.#maxBatch) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        void this.#run();
      }, gatherMs);
    } else void this.#run();
  }

  async #run(): Promise<void> {
    const batch = this.#take();
    if (batch.length === 0) return;
    this.#running = batch;
    const begun = performance.now();
    for (const waiting of batch) waiting.begunMs = begun;
    // A policy that hangs would hold everybody: its process is ended some time after its clients were told.
    const hung = setTimeout(() => this.#client.kill(), 2 * this.#options.timeoutMs);
    try {
      const results = await this.#client.infer(batch.map(({ request }) => request));
      batch.forEach((waiting, i) => waiting.settle(outcomeOf(results[i]!)));
    } catch (error) {
      for (const waiting of batch) waiting.settle({ error });
    } finally {
      clearTimeout(hung);
      this.#running = [];
      this.#reportIdle();
      this.#pump();
    }
  }

  #take(): Waiting[] {
    const batch: Waiting[] = [];
    const sessions = new Set<string>();
    for (let i = 0; i < this.#waiting.length && batch.length < this.#maxBatch;) {
      const waiting = this.#waiting[i]!;
      if (sessions.has(waiting.request.session)) {
        i++;
        continue;
      }
      sessions.add(waiting.request.session);
      batch.push(waiting);
      this.#waiting.splice(i, 1);
    }
    return batch;
  }

  #reportIdle(): void {
    if (this.#waiting.length === 0 && this.#running.length === 0) this.#onIdle?.();
  }
}

const outcomeOf = (sent: SentResult) => (sent.ok ? { result: sent.result } : { error: receiveFailure(sent.error) });
