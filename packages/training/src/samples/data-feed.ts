import { Worker } from "node:worker_threads";
import { PixelVlaError, workerEntry, type HostArray, type Recipe } from "@pixelvla/core";
import { feedCrashed } from "../errors.ts";
import type { FrozenPrefix } from "../prefix-cache/frozen-prefix.ts";
import type { BatchSpec } from "./batch.ts";
import type { FeedInfo, FeedReply, FeedRequest, PreparedBatch, SampleName } from "./feed-protocol.ts";
import type { SampleStoreOptions } from "./sample-store.ts";

type Feeds = Record<string, HostArray>;
type RequestBody = FeedRequest extends infer R ? (R extends FeedRequest ? Omit<R, "id"> : never) : never;

/** Batches of a dataset, prepared ahead in a worker thread. Batch `i` depends on the recipe, the seed and `i` alone. */
export class DataFeed {
  readonly info: FeedInfo;
  readonly #channel: FeedChannel;
  readonly #prefetch: number;
  #samplesPerBatch = 0;
  #prefix: FrozenPrefix | undefined;
  readonly #ahead = new Map<number, Promise<PreparedBatch>>();

  private constructor(channel: FeedChannel, info: FeedInfo, prefetch: number) {
    this.#channel = channel;
    this.info = info;
    this.#prefetch = prefetch;
  }

  /** Opens the dataset. @throws PVLA_DATA_*, PVLA_NO_SAMPLES, PVLA_CAMERA, PVLA_INCOMPATIBLE */
  static async open(options: SampleStoreOptions, recipe: Recipe, seed: number): Promise<DataFeed> {
    const channel = new FeedChannel();
    try {
      const info = (await channel.call({ type: "open", options, recipe, seed })) as FeedInfo;
      return new DataFeed(channel, info, options.data.prefetch);
    } catch (error) {
      await channel.end();
      throw error;
    }
  }

  /** Says what the compiled program is fed; call it before `batch`. With `prefix`, batches carry its values instead of its inputs. */
  async prepare(spec: BatchSpec, samplesPerBatch: number, prefix?: FrozenPrefix): Promise<void> {
    this.#samplesPerBatch = samplesPerBatch;
    this.#prefix = prefix;
    await this.#channel.call({ type: "spec", spec, cache: prefix?.setup });
  }

  /** Feeds of batch `index`; the next ones are begun. */
  async batch(index: number): Promise<Feeds> {
    for (const key of this.#ahead.keys()) if (key < index) this.#ahead.delete(key);
    for (let i = index; i < index + 1 + this.#prefetch; i++) {
      if (this.#ahead.has(i)) continue;
      const promise = this.#call(i, "batch") as Promise<PreparedBatch>;
      promise.catch(() => undefined); // reported when the batch is asked for
      this.#ahead.set(i, promise);
    }
    const batch = await this.#ahead.get(index)!;
    this.#ahead.delete(index);
    return this.#completed(batch);
  }

  /** Feeds of batch `index` alone. */
  async batchOnce(index: number): Promise<Feeds> {
    return this.#completed((await this.#call(index, "batch")) as PreparedBatch);
  }

  /** Which samples batch `index` holds. */
  async describe(index: number): Promise<SampleName[]> {
    return (await this.#call(index, "describe")) as SampleName[];
  }

  async close(): Promise<void> {
    await this.#channel.call({ type: "close" }).catch(() => undefined);
    await this.#channel.end();
  }

  /** Computes what the cache did not have, and has it kept. */
  async #completed(batch: PreparedBatch): Promise<Feeds> {
    if (!("report" in batch)) return batch.feeds;
    const computed = await this.#prefix!.fill(batch);
    if (computed !== undefined)
      this.#channel
        .call(
          { type: "keep", ...computed },
          computed.rows.map(({ buffer }) => buffer),
        )
        .catch(() => undefined); // a worker that is gone fails the next batch
    return batch.feeds;
  }

  #call(index: number, type: "batch" | "describe"): Promise<unknown> {
    const count = this.#samplesPerBatch;
    return this.#channel.call({ type, firstVisit: index * count, count });
  }
}

/** Requests to the worker and their answers. */
class FeedChannel {
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
