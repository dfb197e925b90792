import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DamageLog } from "../damage-log.ts";
import type { Dataset, DatasetInfo, Episode, EpisodeSummary, OpenDatasetOptions } from "../episode.ts";
import { missingFile } from "../errors.ts";
import { encodedImages } from "../images/encoded-source.ts";
import { readJson } from "../json-file.ts";
import { LoadedEpisode } from "../loaded-episode.ts";
import { parseSplit, type SplitSlice } from "../splits.ts";
import { chooseStandardiser } from "../standardise/choose.ts";
import { requireFinite } from "../standardise/finite.ts";
import type { Standardiser } from "../standardise/recorded.ts";
import { readRldsInfo, type RldsInfo } from "./dataset-info.ts";
import { EpisodeIndex } from "./episode-index.ts";
import { flattenFeatures } from "./features.ts";
import { RecordFilePool } from "./file-pool.ts";
import { fingerprint, indexPath, loadIndex, saveIndex } from "./index-store.ts";
import { rldsLayout, type RldsLayout } from "./layout.ts";
import { RldsRecord } from "./record.ts";
import { HEADER_BYTES, readRecord } from "./tfrecord.ts";

const MAX_NAMED_FILES = 1000;
/** A listing that took longer is stored, so that the next one does not read the shards again. */
const WORTH_KEEPING_MS = 2000;

/**
 * Opens an RLDS/TFDS folder (`dataset_info.json`, `features.json`, TFRecord shards). Nothing but metadata is read yet.
 *
 * @throws PVLA_DATA_METADATA, PVLA_DATA_UNSAFE_PATH, PVLA_DATA_SPLIT, PVLA_DATA_STANDARDISATION
 */
export async function openRlds(root: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const info = await readRldsInfo(root);
  const layout = rldsLayout(flattenFeatures(await readJson(join(root, "features.json")), "features.json"));
  const standardiser = chooseStandardiser({
    dataset: info.name,
    asked: options.standardisation,
    hasNumeric: (key) => layout.steps.get(key)?.kind === "tensor",
  });
  const slices = parseSplit(options.split, info.splits, info.name);
  const present = new Set(await readdir(root));
  return new RldsDataset(root, info, layout, standardiser, slices, present, options);
}

class RldsDataset implements Dataset {
  readonly info: DatasetInfo;
  readonly episodeIndices: Int32Array;
  readonly #layout: RldsLayout;
  readonly #standardiser: Standardiser;
  readonly #options: OpenDatasetOptions;
  readonly #pool = new RecordFilePool();
  readonly #index: EpisodeIndex;
  readonly #damage: DamageLog;
  readonly #present: ReadonlySet<string>;
  #restored: Promise<void> | undefined;

  constructor(
    root: string,
    info: RldsInfo,
    layout: RldsLayout,
    standardiser: Standardiser,
    slices: readonly SplitSlice[],
    present: ReadonlySet<string>,
    options: OpenDatasetOptions,
  ) {
    this.#layout = layout;
    this.#standardiser = standardiser;
    this.#options = options;
    this.#present = present;
    this.#damage = new DamageLog(options.onDamage ?? "stop");
    this.#index = new EpisodeIndex(info, layout, this.#pool, options.signal);
    this.episodeIndices = this.#list(info, slices);
    const missing = this.#index.shards.filter(({ shard }) => !this.#isPresent(shard.file));
    this.info = {
      name: info.name,
      format: "rlds",
      root,
      version: info.version,
      fps: standardiser.fps,
      cameras: layout.cameras,
      primaryCamera: primaryCamera(layout, standardiser),
      stateNames: standardiser.stateNames ?? [],
      actionNames: standardiser.actionNames ?? numbered(layout.steps.get("action")?.shape[0] ?? 0),
      nEpisodes: this.episodeIndices.length,
      nEpisodesDeclared: slices.reduce((sum, { start, end }) => sum + end - start, 0),
      nFrames: undefined,
      splits: info.splits.map(({ name }) => name),
      standardisation: standardiser.name,
      missingFiles: missing.slice(0, MAX_NAMED_FILES).map(({ shard }) => shard.file),
    };
  }

  get damage() {
    return this.#damage.entries;
  }

  async *summaries(range: { start?: number; end?: number } = {}): AsyncGenerator<EpisodeSummary> {
    const { start = 0, end = this.episodeIndices.length } = range;
    let readMs = 0;
    this.#restored ??= this.#restore();
    await this.#restored;
    for (const episodeIndex of this.episodeIndices.subarray(start, end)) {
      this.#options.signal?.throwIfAborted();
      const { entry } = this.#index.locate(episodeIndex);
      const startMs = performance.now();
      const summary = await this.#damage.guard({ file: entry.shard.file, episodeIndex }, () =>
        this.#index.summary(episodeIndex),
      );
      readMs += performance.now() - startMs;
      if (!summary) continue;
      const { nFrames, task, offset } = summary;
      yield { episodeIndex, split: entry.split, nFrames, task, source: { file: entry.shard.file, offset } };
    }
    if (readMs > WORTH_KEEPING_MS) await this.#keepIndex();
  }

  async episode(episodeIndex: number): Promise<Episode> {
    this.#options.signal?.throwIfAborted();
    const located = this.#index.locate(episodeIndex);
    const { entry } = located;
    if (!this.#isPresent(entry.shard.file)) throw missingFile(entry.shard.file, "though dataset_info.json lists it");
    return this.#pool.with(entry.shard, async (file) => {
      const recordPlace = await this.#index.place(file, located);
      const place = { file: file.name, offset: recordPlace.offset };
      const payloadPlace = { file: file.name, offset: recordPlace.offset + HEADER_BYTES };
      const record = new RldsRecord(await readRecord(file, recordPlace), this.#layout, payloadPlace);
      const bridgeFrames = this.#options.bridgeFrames ?? "openvla";
      const frames = this.#standardiser.apply(record, this.info.name, { bridgeFrames });
      requireFinite(frames, { episodeIndex, place, actionNames: this.info.actionNames });
      const { fps } = this.info;
      return new LoadedEpisode(
        {
          dataset: this.info.name,
          cameras: this.info.cameras.map(({ key }) => key),
          episodeIndex,
          split: entry.split,
          task: record.task,
          source: { file: entry.shard.file, offset: recordPlace.offset },
          nRawFrames: record.nFrames,
          frames,
          rawTimestampS: (raw) => raw / (fps ?? 1),
        },
        encodedImages(place, (camera, raw) => Promise.resolve(record.images(camera)[raw]!)),
      );
    });
  }

  tryEpisode(episodeIndex: number): Promise<Episode | undefined> {
    const { file } = this.#index.locate(episodeIndex).entry.shard;
    return this.#damage.guard({ file, episodeIndex }, () => this.episode(episodeIndex));
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  async #restore(): Promise<void> {
    const stored = await loadIndex(this.#indexPath, await fingerprint(this.#index.shards));
    if (stored) this.#index.restore(stored);
  }

  async #keepIndex(): Promise<void> {
    const index = await this.#index.snapshot();
    if (index) await saveIndex(this.#indexPath, { ...index, fingerprint: await fingerprint(this.#index.shards) });
  }

  get #indexPath(): string {
    return indexPath(this.info.root, this.#options.indexDir);
  }

  #isPresent(file: string): boolean {
    return file.includes("/") || this.#present.has(file);
  }

  /** Episodes of the slices whose shard is on disk. */
  #list(info: RldsInfo, slices: readonly SplitSlice[]): Int32Array {
    const firstOf = new Map<string, number>();
    let first = 0;
    for (const { name, nEpisodes } of info.splits) {
      firstOf.set(name, first);
      first += nEpisodes;
    }
    const indices: number[] = [];
    for (const { name, start, end } of slices) {
      for (let i = start; i < end;) {
        const { entry, record } = this.#index.locate(firstOf.get(name)! + i);
        const stop = Math.min(end, i + entry.shard.nEpisodes - record);
        if (this.#isPresent(entry.shard.file)) for (let k = i; k < stop; k++) indices.push(firstOf.get(name)! + k);
        i = stop;
      }
    }
    return Int32Array.from(indices);
  }
}

function primaryCamera(layout: RldsLayout, standardiser: Standardiser): string | undefined {
  const keys = layout.cameras.map(({ key }) => key);
  return (
    standardiser.primaryCameras.find((key) => keys.includes(key)) ??
    keys.find((key) => !/wrist|hand/i.test(key)) ??
    keys[0]
  );
}

const numbered = (n: number) => Array.from({ length: n }, (_, i) => `action_${i}`);
