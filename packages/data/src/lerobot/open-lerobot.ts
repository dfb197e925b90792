import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DamageLog } from "../damage-log.ts";
import type { Dataset, DatasetInfo, Episode, EpisodeSummary, OpenDatasetOptions } from "../episode.ts";
import { badMetadata, featureMismatch, missingFile, unknownEpisode } from "../errors.ts";
import { insideRoot } from "../inside-root.ts";
import { LoadedEpisode } from "../loaded-episode.ts";
import { Lru } from "../lru.ts";
import { chooseStandardiser } from "../standardise/choose.ts";
import { requireFinite } from "../standardise/finite.ts";
import type { NumericColumn, Standardiser } from "../standardise/recorded.ts";
import { VideoReader } from "../video/video-reader.ts";
import { datasetName, smallestGripper } from "./conventions.ts";
import { positionOf, type EpisodeTable } from "./episode-table.ts";
import { readEpisodesV2 } from "./episodes-v2.ts";
import { readEpisodesV3 } from "./episodes-v3.ts";
import { ColumnCache, recordedFrames, standardColumns } from "./frame-columns.ts";
import { parquetImages, videoImages } from "./image-source.ts";
import { camerasOf, dimensionNames, INFO_FILE, readLerobotInfo, type LerobotInfo } from "./info.ts";
import { ParquetTable } from "./parquet-table.ts";
import { listPositions, type LerobotListing } from "./splits.ts";

const MAX_NAMED_FILES = 1000;
const OPEN_TABLES = 8;
/** Each holds a decoder with its frames; two cameras of two episodes at once. */
const OPEN_VIDEOS = 4;

/**
 * Opens a LeRobot folder of version 2.0, 2.1 or 3.x. Reads `meta/` only.
 *
 * @throws PVLA_DATA_METADATA, PVLA_DATA_MISSING_FILE, PVLA_DATA_PARQUET, PVLA_DATA_UNSAFE_PATH, PVLA_DATA_SPLIT
 */
export async function openLerobot(root: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const info = await readLerobotInfo(root);
  const table = await (info.format === "lerobot-v3" ? readEpisodesV3 : readEpisodesV2)(root, info);
  const name = datasetName(root);
  const present = await presentFiles(root, table);
  const listing = listPositions(info, table.episodeIndices, options.split, name);
  const columns = standardColumns(info);
  const isRawLibero =
    /liber.?o/i.test(`${name} ${info.robotType ?? ""}`) && ((await smallestGripper(root)) ?? 0) < -0.5;
  const standardiser = chooseStandardiser({
    dataset: name,
    asked: options.standardisation ?? (isRawLibero ? "libero" : "generic"),
    hasNumeric: (key) => columns.has(key),
  });
  return new LerobotDataset({ root, name, info, table, present, listing, columns, standardiser, options });
}

interface Parts {
  readonly root: string;
  readonly name: string;
  readonly info: LerobotInfo;
  readonly table: EpisodeTable;
  readonly present: ReadonlySet<string>;
  readonly listing: LerobotListing;
  /** RLDS-style key -> column. */
  readonly columns: ReadonlyMap<string, string>;
  readonly standardiser: Standardiser;
  readonly options: OpenDatasetOptions;
}

class LerobotDataset implements Dataset {
  readonly info: DatasetInfo;
  readonly episodeIndices: Int32Array;
  readonly #parts: Parts;
  readonly #damage: DamageLog;
  readonly #tables = new Lru<ParquetTable>(OPEN_TABLES, (table) => table.close());
  readonly #videos = new Lru<VideoReader>(OPEN_VIDEOS, (video) => video.close());
  readonly #cache = new ColumnCache();

  constructor(parts: Parts) {
    const { info, table, listing, present, standardiser } = parts;
    this.#parts = parts;
    this.#damage = new DamageLog(parts.options.onDamage ?? "stop");
    const positions = listing.positions.filter((position) => present.has(table.place(position).dataFile));
    this.episodeIndices = positions.map((position) => table.episodeIndices[position]!);
    const cameras = camerasOf(info);
    const missing = [...table.dataFiles()].filter((file) => !present.has(file));
    this.info = {
      name: parts.name,
      format: info.format,
      root: parts.root,
      version: info.version,
      fps: info.fps,
      cameras,
      primaryCamera: primaryCamera(
        cameras.map(({ key }) => key),
        standardiser,
      ),
      stateNames: standardiser.stateNames ?? this.#names("observation/state"),
      actionNames: standardiser.actionNames ?? this.#names("action"),
      nEpisodes: this.episodeIndices.length,
      nEpisodesDeclared: Math.max(info.nEpisodes, listing.positions.length),
      nFrames: positions.reduce((sum, position) => sum + table.nFrames[position]!, 0),
      splits: listing.splitNames,
      standardisation: standardiser.name,
      missingFiles: missing.slice(0, MAX_NAMED_FILES),
    };
  }

  get damage() {
    return this.#damage.entries;
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous, this list is in memory
  async *summaries(range: { start?: number; end?: number } = {}): AsyncGenerator<EpisodeSummary> {
    const { table, listing, options } = this.#parts;
    for (const episodeIndex of this.episodeIndices.subarray(range.start ?? 0, range.end)) {
      options.signal?.throwIfAborted();
      const position = positionOf(table.episodeIndices, episodeIndex);
      yield {
        episodeIndex,
        split: listing.splitOf(episodeIndex),
        nFrames: table.nFrames[position]!,
        task: table.task(position),
        source: { file: table.place(position).dataFile },
      };
    }
  }

  async episode(episodeIndex: number): Promise<Episode> {
    const { root, name, info, table, listing, columns, standardiser, options } = this.#parts;
    options.signal?.throwIfAborted();
    const position = positionOf(table.episodeIndices, episodeIndex);
    if (position < 0) throw unknownEpisode(name, episodeIndex, `${table.episodeIndices.length} listed in meta/`);
    const place = table.place(position);
    const nRawFrames = table.nFrames[position]!;
    const rows = { start: place.rowStart, end: place.rowStart + nRawFrames };
    const data = await this.#table(place.dataFile);
    await this.#checkRows(data, episodeIndex, rows);
    const read = (column: string) => this.#cache.read(data, column, rows.start, rows.end);
    const recorded = new Map<string, NumericColumn>();
    for (const [key, column] of columns) recorded.set(key, await read(column));
    const timestampS = await data.read("timestamp", rows.start, rows.end);
    const bridgeFrames = options.bridgeFrames ?? "openvla";
    const frames = standardiser.apply(recordedFrames(nRawFrames, recorded), name, { bridgeFrames });
    requireFinite(frames, { episodeIndex, place: { file: place.dataFile }, actionNames: this.info.actionNames });
    const isVideo = (camera: string) => info.features[camera]?.dtype === "video";
    const video = videoImages({
      open: (camera) => {
        const { file } = place.video(camera);
        return this.#videos.get(file, () => VideoReader.open(insideRoot(root, file, INFO_FILE), file));
      },
      fromS: (camera) => place.video(camera).fromS,
      timestampS: (raw) => Number(timestampS[raw]),
      fps: info.fps,
    });
    const cells = new Lru<Awaited<ReturnType<ParquetTable["read"]>>>(8);
    const stored = parquetImages(place.dataFile, (camera) =>
      cells.get(camera, async () => (await this.#table(place.dataFile)).read(camera, rows.start, rows.end)),
    );
    return new LoadedEpisode(
      {
        dataset: name,
        cameras: this.info.cameras.map(({ key }) => key),
        episodeIndex,
        split: listing.splitOf(episodeIndex),
        task: table.task(position),
        source: { file: place.dataFile },
        nRawFrames,
        frames,
        rawTimestampS: (raw) => Number(timestampS[raw]),
      },
      {
        image: (camera, raw) => (isVideo(camera) ? video : stored).image(camera, raw),
        encoded: (camera, raw) => (isVideo(camera) ? video : stored).encoded(camera, raw),
      },
    );
  }

  tryEpisode(episodeIndex: number): Promise<Episode | undefined> {
    const position = positionOf(this.#parts.table.episodeIndices, episodeIndex);
    const file = position < 0 ? "" : this.#parts.table.place(position).dataFile;
    return this.#damage.guard({ file, episodeIndex }, () => this.episode(episodeIndex));
  }

  async close(): Promise<void> {
    await this.#videos.clear();
    await this.#tables.clear();
  }

  #table(file: string): Promise<ParquetTable> {
    if (!this.#parts.present.has(file)) throw missingFile(file, "though meta/ lists it");
    return this.#tables.get(file, () => ParquetTable.open(insideRoot(this.#parts.root, file, INFO_FILE), file));
  }

  /** The rows must exist and belong to the episode: an edited or truncated file is noticed here. */
  async #checkRows(data: ParquetTable, episodeIndex: number, rows: { start: number; end: number }): Promise<void> {
    const fail = (found: string, needed: string) =>
      featureMismatch({ file: data.name }, { feature: "episode_index", found, needed });
    if (rows.end > data.nRows)
      throw fail(`${data.nRows} rows`, `${rows.end} for episode ${episodeIndex} as meta/ says`);
    if (this.#parts.info.format === "lerobot-v2.1" && data.nRows !== rows.end)
      throw fail(`${data.nRows} rows`, `${rows.end} for episode ${episodeIndex} as meta/ says`);
    const { values } = await this.#cache.read(data, "episode_index", rows.start, rows.end);
    const wrong = values.find((value) => value !== episodeIndex);
    if (wrong !== undefined)
      throw fail(`rows of episode ${wrong} at row ${rows.start}`, `episode ${episodeIndex} as meta/ says`);
  }

  #names(key: string): string[] {
    const { columns, info } = this.#parts;
    const column = columns.get(key);
    const feature = column === undefined ? undefined : info.features[column];
    return feature && column !== undefined ? dimensionNames(column, feature) : [];
  }
}

/** Data files of the list that are on disk; one directory read a chunk, not one look a file. */
async function presentFiles(root: string, table: EpisodeTable): Promise<Set<string>> {
  const present = new Set<string>();
  const folders = new Map<string, Set<string>>();
  for (const file of table.dataFiles()) {
    const path = insideRoot(root, file, INFO_FILE);
    const folder = dirname(path);
    let names = folders.get(folder);
    if (!names) {
      names = new Set((await readdir(folder).catch(() => [])).map((name) => join(folder, name)));
      folders.set(folder, names);
    }
    if (names.has(path)) present.add(file);
  }
  if (present.size === 0 && table.episodeIndices.length > 0)
    throw badMetadata(
      INFO_FILE,
      `the data path ${table.dataFiles()[Symbol.iterator]().next().value}, where no file is`,
    );
  return present;
}

function primaryCamera(keys: readonly string[], standardiser: Standardiser): string | undefined {
  return (
    standardiser.primaryCameras.find((key) => keys.includes(key)) ??
    keys.find((key) => !/wrist|hand|gripper/i.test(key)) ??
    keys[0]
  );
}
