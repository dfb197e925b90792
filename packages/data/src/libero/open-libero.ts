import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DamageLog } from "../damage-log.ts";
import type { CameraInfo, Dataset, DatasetInfo, Episode, EpisodeSummary, OpenDatasetOptions } from "../episode.ts";
import { unknownEpisode } from "../errors.ts";
import { LoadedEpisode } from "../loaded-episode.ts";
import { Lru } from "../lru.ts";
import { parseSplit } from "../splits.ts";
import { chooseStandardiser } from "../standardise/choose.ts";
import { requireFinite } from "../standardise/finite.ts";
import type { RecordedFrames, Standardiser } from "../standardise/recorded.ts";
import { listDemos, recordedDemo, type Demo } from "./demos.ts";
import { Hdf5File } from "./hdf5-file.ts";
import { liberoImages } from "./images.ts";
import { liberoInstruction } from "./instruction.ts";

const OPEN_FILES = 4;
const SPLIT = "train";

/**
 * Opens LIBERO demonstrations: a folder of `*_demo.hdf5` (one task each) or a single file. Episodes are numbered file by
 * file in name order, demonstrations by their number (`demo_10` after `demo_9`).
 *
 * @throws PVLA_DATA_HDF5, PVLA_DATA_LFS_POINTER, PVLA_DATA_SPLIT
 */
export async function openLibero(path: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const single = (await stat(path)).isFile();
  const root = single ? dirname(path) : path;
  const names = single ? [basename(path)] : (await readdir(path)).filter((name) => /\.(hdf5|h5)$/i.test(name)).sort();
  const damage = new DamageLog(options.onDamage ?? "stop");
  const files = new Lru<Hdf5File>(OPEN_FILES, (file) => file.close());
  const demos: Demo[] = [];
  for (const name of names) {
    const open = () => files.get(name, () => Hdf5File.open(join(root, name), name));
    const found = await damage.guard({ file: name, episodeIndex: demos.length }, async () => listDemos(await open()));
    demos.push(...(found ?? []));
  }
  return new LiberoDataset(root, single ? basename(path) : basename(root), demos, files, damage, options);
}

class LiberoDataset implements Dataset {
  readonly info: DatasetInfo;
  readonly episodeIndices: Int32Array;
  readonly #demos: readonly Demo[];
  readonly #files: Lru<Hdf5File>;
  readonly #damage: DamageLog;
  readonly #options: OpenDatasetOptions;
  readonly #standardiser: Standardiser;

  constructor(
    root: string,
    name: string,
    demos: readonly Demo[],
    files: Lru<Hdf5File>,
    damage: DamageLog,
    options: OpenDatasetOptions,
  ) {
    this.#demos = demos;
    this.#files = files;
    this.#damage = damage;
    this.#options = options;
    this.#standardiser = chooseStandardiser({
      dataset: name,
      asked: options.standardisation ?? "libero",
      hasNumeric: (key) => key === "action" || key === "observation/state",
    });
    const slices = parseSplit(options.split, [{ name: SPLIT, nEpisodes: demos.length }], name);
    this.episodeIndices = Int32Array.from(slices.flatMap(({ start, end }) => range(start, end)));
    const cameras: readonly CameraInfo[] = demos[0]?.cameras ?? [];
    this.info = {
      name,
      format: "libero-hdf5",
      root,
      version: "hdf5",
      fps: this.#standardiser.fps ?? 20,
      cameras,
      primaryCamera: cameras.find(({ key }) => key === "agentview_rgb")?.key ?? cameras[0]?.key,
      stateNames: this.#standardiser.stateNames ?? range(0, 8).map((i) => `state_${i}`),
      actionNames: this.#standardiser.actionNames ?? range(0, 7).map((i) => `action_${i}`),
      nEpisodes: this.episodeIndices.length,
      nEpisodesDeclared: this.episodeIndices.length,
      nFrames: this.episodeIndices.reduce((sum, index) => sum + demos[index]!.nFrames, 0),
      splits: [SPLIT],
      standardisation: this.#standardiser.name,
      missingFiles: [],
    };
  }

  get damage() {
    return this.#damage.entries;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous, this list is in memory
  async *summaries(bounds: { start?: number; end?: number } = {}): AsyncGenerator<EpisodeSummary> {
    for (const episodeIndex of this.episodeIndices.subarray(bounds.start ?? 0, bounds.end)) {
      this.#options.signal?.throwIfAborted();
      const { file, nFrames } = this.#demos[episodeIndex]!;
      yield { episodeIndex, split: SPLIT, nFrames, task: liberoInstruction(file), source: { file } };
    }
  }

  async episode(episodeIndex: number): Promise<Episode> {
    this.#options.signal?.throwIfAborted();
    const demo = this.#demos[episodeIndex];
    if (!demo) throw unknownEpisode(this.info.name, episodeIndex, `0 to ${this.#demos.length - 1}`);
    const open = () => this.#open(demo.file);
    const recorded: RecordedFrames = recordedDemo(await open(), demo);
    const frames = this.#standardiser.apply(recorded, this.info.name, {
      bridgeFrames: this.#options.bridgeFrames ?? "openvla",
    });
    requireFinite(frames, {
      episodeIndex,
      place: { file: `${demo.file} ${demo.path}` },
      actionNames: this.info.actionNames,
    });
    const fps = this.info.fps ?? 20;
    return new LoadedEpisode(
      {
        dataset: this.info.name,
        cameras: demo.cameras.map(({ key }) => key),
        episodeIndex,
        split: SPLIT,
        task: liberoInstruction(demo.file),
        source: { file: demo.file },
        nRawFrames: recorded.nFrames,
        frames,
        rawTimestampS: (raw) => raw / fps,
      },
      liberoImages(open, demo, this.#options.liberoImages ?? "rotate180"),
    );
  }

  tryEpisode(episodeIndex: number): Promise<Episode | undefined> {
    const file = this.#demos[episodeIndex]?.file ?? "";
    return this.#damage.guard({ file, episodeIndex }, () => this.episode(episodeIndex));
  }

  async close(): Promise<void> {
    await this.#files.clear();
  }

  #open(file: string): Promise<Hdf5File> {
    return this.#files.get(file, () => Hdf5File.open(join(this.info.root, file), file));
  }
}

const range = (start: number, end: number) => Array.from({ length: Math.max(0, end - start) }, (_, i) => start + i);
