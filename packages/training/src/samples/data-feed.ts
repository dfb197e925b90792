import type { HostArray, Recipe } from "@pixelvla/core";
import type { FrozenPrefix } from "../prefix-cache/frozen-prefix.ts";
import type { BatchSpec } from "./batch.ts";
import type { FeedInfo, PreparedBatch, SampleName } from "./feed-protocol.ts";
import { FeedThread } from "./feed-thread.ts";
import type { SampleStoreOptions } from "./sample-store.ts";

type Feeds = Record<string, HostArray>;

/** Batches of a dataset, prepared ahead in a worker thread. Batch `i` depends on the recipe, the seed and `i` alone. */
export class DataFeed {
  readonly info: FeedInfo;
  readonly #thread: FeedThread;
  readonly #isOwnThread: boolean;
  readonly #prefetch: number;
  #samplesPerBatch = 0;
  #prefix: FrozenPrefix | undefined;
  readonly #ahead = new Map<number, Promise<PreparedBatch>>();

  private constructor(thread: FeedThread, isOwnThread: boolean, info: FeedInfo, prefetch: number) {
    this.#thread = thread;
    this.#isOwnThread = isOwnThread;
    this.info = info;
    this.#prefetch = prefetch;
  }

  /**
   * Opens the dataset, in `thread` where one is given: it outlives the feed and hands decoded pictures to the next.
   * @throws PVLA_DATA_*, PVLA_NO_SAMPLES, PVLA_CAMERA, PVLA_INCOMPATIBLE
   */
  static async open(options: SampleStoreOptions, recipe: Recipe, seed: number, thread?: FeedThread): Promise<DataFeed> {
    const isOwnThread = thread === undefined;
    const used = thread ?? new FeedThread();
    try {
      const info = (await used.call({ type: "open", options, recipe, seed })) as FeedInfo;
      return new DataFeed(used, isOwnThread, info, options.data.prefetch);
    } catch (error) {
      if (isOwnThread) await used.end();
      throw error;
    }
  }

  /** Says what the compiled program is fed; call it before `batch`. With `prefix`, batches carry its values instead of its inputs. */
  async prepare(spec: BatchSpec, samplesPerBatch: number, prefix?: FrozenPrefix): Promise<void> {
    this.#samplesPerBatch = samplesPerBatch;
    this.#prefix = prefix;
    await this.#thread.call({ type: "spec", spec, cache: prefix?.setup });
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
    await this.#thread.call({ type: "close" }).catch(() => undefined);
    if (this.#isOwnThread) await this.#thread.end();
  }

  /** Computes what the cache did not have, and has it kept. */
  async #completed(batch: PreparedBatch): Promise<Feeds> {
    if (!("report" in batch)) return batch.feeds;
    const computed = await this.#prefix!.fill(batch);
    if (computed !== undefined)
      this.#thread
        .call(
          { type: "keep", ...computed },
          computed.rows.map(({ buffer }) => buffer),
        )
        .catch(() => undefined); // a worker that is gone fails the next batch
    return batch.feeds;
  }

  #call(index: number, type: "batch" | "describe"): Promise<unknown> {
    const count = this.#samplesPerBatch;
    return this.#thread.call({ type, firstVisit: index * count, count });
  }
}
