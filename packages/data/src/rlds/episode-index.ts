import { unknownEpisode } from "../errors.ts";
import type { RldsInfo, Shard } from "./dataset-info.ts";
import type { RecordFilePool } from "./file-pool.ts";
import type { RldsLayout } from "./layout.ts";
import type { StoredIndex } from "./index-store.ts";
import { indexShard, summarise, type ShardPlaces } from "./shard-index.ts";
import type { RecordFile, RecordPlace } from "./tfrecord.ts";

/** What is remembered of one shard: about 28 bytes an episode, so 160,000 episodes take 5 MB. */
export interface ShardEntry {
  readonly shard: Shard;
  readonly split: string;
  /** Episode index of its first record. */
  readonly firstEpisode: number;
  places: Promise<ShardPlaces> | undefined;
  /** Frames of each record, -1 where not read yet. */
  readonly nFrames: Int32Array;
  /** Number of each record's instruction in the index's list of texts. */
  readonly taskIds: Int32Array;
}

/**
 * Finds episodes in shards. Episodes are numbered through all splits in the order of dataset_info.json; a shard's record
 * places are found when it is first touched.
 */
export class EpisodeIndex {
  readonly shards: readonly ShardEntry[];
  readonly nEpisodes: number;
  readonly tasks: string[] = [];
  readonly #taskIds = new Map<string, number>();
  readonly #dataset: string;
  readonly #pool: RecordFilePool;
  readonly #layout: RldsLayout;
  readonly #signal: AbortSignal | undefined;

  constructor(info: RldsInfo, layout: RldsLayout, pool: RecordFilePool, signal: AbortSignal | undefined) {
    let firstEpisode = 0;
    this.shards = info.splits.flatMap(({ name: split, shards }) =>
      shards.map((shard) => {
        const entry: ShardEntry = {
          shard,
          split,
          firstEpisode,
          places: undefined,
          nFrames: new Int32Array(shard.nEpisodes).fill(-1),
          taskIds: new Int32Array(shard.nEpisodes),
        };
        firstEpisode += shard.nEpisodes;
        return entry;
      }),
    );
    this.nEpisodes = firstEpisode;
    this.#dataset = info.name;
    this.#pool = pool;
    this.#layout = layout;
    this.#signal = signal;
  }

  /** The shard of an episode and the record's number in it. @throws PVLA_DATA_EPISODE */
  locate(episodeIndex: number): { entry: ShardEntry; record: number } {
    if (!Number.isInteger(episodeIndex) || episodeIndex < 0 || episodeIndex >= this.nEpisodes)
      throw unknownEpisode(this.#dataset, episodeIndex, `0 to ${this.nEpisodes - 1}`);
    let low = 0;
    let high = this.shards.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.shards[middle]!.firstEpisode <= episodeIndex) low = middle;
      else high = middle - 1;
    }
    const entry = this.shards[low]!;
    return { entry, record: episodeIndex - entry.firstEpisode };
  }

  /** Byte range of a record. @throws what ended the walk over its shard before this record */
  async place(file: RecordFile, { entry, record }: { entry: ShardEntry; record: number }): Promise<RecordPlace> {
    const { offsets, lengths, damage } = await this.#places(file, entry);
    const offset = offsets[record];
    if (offset !== undefined) return { offset, length: lengths[record]! };
    throw (
      damage ?? unknownEpisode(this.#dataset, entry.firstEpisode + record, `${offsets.length} in ${entry.shard.file}`)
    );
  }

  /** Frame count, instruction and byte offset of an episode; read once, then remembered. */
  async summary(episodeIndex: number): Promise<{ nFrames: number; task: string; offset: number }> {
    const located = this.locate(episodeIndex);
    const { entry, record } = located;
    return this.#pool.with(entry.shard, async (file) => {
      const place = await this.place(file, located);
      if (entry.nFrames[record]! < 0) {
        const { nFrames, task } = await summarise(file, place, this.#layout);
        entry.nFrames[record] = nFrames;
        entry.taskIds[record] = this.#taskId(task);
      }
      return { nFrames: entry.nFrames[record]!, task: this.tasks[entry.taskIds[record]!]!, offset: place.offset };
    });
  }

  /** Takes over a stored index that fits these shards. */
  restore({ tasks, shards }: StoredIndex): void {
    for (const task of tasks) this.#taskId(task);
    shards.forEach(({ offsets, lengths, nFrames, taskIds }, i) => {
      const entry = this.shards[i];
      if (!entry || nFrames.length !== entry.nFrames.length) return;
      entry.places ??= Promise.resolve({
        offsets: Float64Array.from(offsets),
        lengths: Float64Array.from(lengths),
        damage: undefined,
      });
      entry.nFrames.set(nFrames);
      entry.taskIds.set(taskIds.map((id) => this.#taskId(tasks[id] ?? "")));
    });
  }

  /** Everything known, for the next time; undefined while a shard is damaged or not read to its end. */
  async snapshot(): Promise<Omit<StoredIndex, "fingerprint"> | undefined> {
    const shards: StoredIndex["shards"] = [];
    for (const { places, nFrames, taskIds } of this.shards) {
      const known = await places;
      if (!known || known.damage || nFrames.includes(-1)) return undefined;
      const { offsets, lengths } = known;
      shards.push({ offsets: [...offsets], lengths: [...lengths], nFrames: [...nFrames], taskIds: [...taskIds] });
    }
    return { version: 1, tasks: this.tasks, shards };
  }

  #places(file: RecordFile, entry: ShardEntry): Promise<ShardPlaces> {
    entry.places ??= indexShard(file, entry.shard, this.#signal).catch((error: unknown) => {
      entry.places = undefined;
      throw error;
    });
    return entry.places;
  }

  #taskId(task: string): number {
    let id = this.#taskIds.get(task);
    if (id === undefined) {
      id = this.tasks.push(task) - 1;
      this.#taskIds.set(task, id);
    }
    return id;
  }
}
