import { join } from "node:path";
import type {
  Damage,
  Dataset,
  DatasetInfo,
  EncodedImage,
  Episode,
  EpisodeSummary,
  OpenDatasetOptions,
  RgbImage,
} from "../episode.ts";
import { openLerobot } from "../lerobot/open-lerobot.ts";
import { EpisodeIndex } from "../queries/episode-index.ts";
import { sqlList } from "../queries/duckdb.ts";
import { CommitLog } from "./commit-log.ts";
import { damagedStore, nothingThere } from "./errors.ts";
import { cameraFeature, filePaths, type PixelLayout } from "./layout.ts";
import type { PixelDatasetState } from "./dataset-info.ts";

/**
 * Opens a pixel dataset as the dataset it was made from: same camera keys, splits, recorded actions, recorded frame
 * indices and times, gripper signals. (`openLerobot` sees the LeRobot form of the same files.)
 *
 * @throws PVLA_PIXELS_MISSING for a folder that is no pixel dataset, else as `openDataset`
 */
export async function openPixelDataset(root: string, options: OpenDatasetOptions = {}): Promise<Dataset> {
  const head = await new CommitLog<PixelDatasetState>(root).head();
  if (head === undefined || (head.state.kind as string) !== "pixel-dataset")
    throw nothingThere(`Opening ${root}`, "no pixel dataset", 'Make one with "pixelvla data convert"');
  const index = await EpisodeIndex.open(root);
  const { splits } = await index.statistics(1);
  const named = options.split !== undefined && options.split in splits ? options.split : undefined;
  const { split, ...others } = options;
  const inner = await openLerobot(root, {
    ...others,
    ...(split === undefined || named !== undefined ? {} : { split }),
    standardisation: "generic",
  });
  const wanted =
    named === undefined
      ? undefined
      : new Set(
          (await index.database.rows("SELECT episode_index AS i FROM episodes WHERE split = ?", [named])).map(
            (row) => row["i"] as number,
          ),
        );
  return new PixelDataset(inner, index, head.state.layout, Object.keys(splits), wanted);
}

class PixelDataset implements Dataset {
  readonly info: DatasetInfo;
  readonly episodeIndices: Int32Array;
  readonly #inner: Dataset;
  readonly #index: EpisodeIndex;
  readonly #layout: PixelLayout;
  readonly #features: ReadonlyMap<string, string>;

  constructor(
    inner: Dataset,
    index: EpisodeIndex,
    layout: PixelLayout,
    splits: string[],
    wanted: ReadonlySet<number> | undefined,
  ) {
    this.#inner = inner;
    this.#index = index;
    this.#layout = layout;
    this.#features = new Map(layout.cameras.map(({ key }) => [key, cameraFeature(key)]));
    this.episodeIndices =
      wanted === undefined ? inner.episodeIndices : inner.episodeIndices.filter((i) => wanted.has(i));
    const { name, cameras, primaryCamera, stateNames, actionNames, standardisation } = layout;
    this.info = {
      ...inner.info,
      name,
      cameras,
      primaryCamera,
      stateNames,
      actionNames,
      standardisation,
      splits,
      nEpisodes: this.episodeIndices.length,
      nFrames: wanted === undefined ? inner.info.nFrames : undefined,
    };
  }

  get damage(): readonly Damage[] {
    return this.#inner.damage;
  }

  async *summaries(range: { start?: number; end?: number } = {}): AsyncIterable<EpisodeSummary> {
    const PAGE = 1000;
    const indices = this.episodeIndices.subarray(range.start ?? 0, range.end);
    for (let at = 0; at < indices.length; at += PAGE) {
      const page = indices.subarray(at, at + PAGE);
      const rows = await this.#index.database.rows(
        `SELECT episode_index AS i, split, task, n_frames, file_index FROM episodes WHERE episode_index IN (${page.join(", ")})`,
      );
      const byIndex = new Map(rows.map((row) => [row["i"] as number, row]));
      for (const episodeIndex of page) {
        const row = byIndex.get(episodeIndex);
        if (row === undefined) continue;
        yield {
          episodeIndex,
          split: String(row["split"]),
          task: String(row["task"]),
          nFrames: row["n_frames"] as number,
          source: { file: filePaths(row["file_index"] as number).data },
        };
      }
    }
  }

  async episode(episodeIndex: number): Promise<Episode> {
    return this.#restored(await this.#inner.episode(episodeIndex));
  }

  async tryEpisode(episodeIndex: number): Promise<Episode | undefined> {
    const episode = await this.#inner.tryEpisode(episodeIndex);
    return episode === undefined ? undefined : this.#restored(episode);
  }

  async close(): Promise<void> {
    await this.#inner.close();
    await this.#index.close();
  }

  async #restored(episode: Episode): Promise<Episode> {
    const { episodeIndex, nFrames } = episode;
    const place = await this.#index.fileOf(episodeIndex);
    if (place === undefined)
      throw damagedStore(this.#index.root, `episode ${episodeIndex} is not in the episode table`);
    const { database } = this.#index;
    const frames = await database.rows(
      `SELECT "raw.frame_index" AS frame, "raw.timestamp" AS time, "raw.action" AS action FROM read_parquet(${sqlList([place.path])}) WHERE episode_index = ? ORDER BY frame_index`,
      [episodeIndex],
    );
    if (frames.length !== nFrames)
      throw damagedStore(
        place.path,
        `${frames.length} frames of episode ${episodeIndex}, its episode table promises ${nFrames}`,
      );
    const table = place.path.replace(join(this.#index.root, "data"), join(this.#index.root, "meta", "episodes"));
    const [signals = {}] = await database.rows(
      `SELECT "raw/n_frames" AS n, "raw/gripper" AS gripper, "raw/gripper_command" AS command, "raw/opening" AS opening FROM read_parquet(${sqlList([table])}) WHERE episode_index = ?`,
      [episodeIndex],
    );
    const size = this.#layout.rawActionSize;
    const rawAction = new Float32Array(nFrames * size);
    for (const [t, frame] of frames.entries()) rawAction.set([frame["action"] as number | number[]].flat(), t * size);
    const signal = (name: string) =>
      signals[name] === null || signals[name] === undefined ? undefined : Float32Array.from(signals[name] as number[]);
    const feature = (camera: string) => this.#features.get(camera) ?? camera;
    return {
      episodeIndex,
      split: place.split,
      task: episode.task,
      source: episode.source,
      nFrames,
      nRawFrames: Number(signals["n"]),
      state: episode.state,
      action: episode.action,
      rawAction,
      rawFrameIndex: Int32Array.from(frames, (frame) => Number(frame["frame"])),
      timestampS: Float64Array.from(frames, (frame) => Number(frame["time"])),
      rawGripper: signal("gripper"),
      rawGripperCommand: signal("command"),
      rawOpening: signal("opening"),
      image: (camera: string, t: number): Promise<RgbImage> => episode.image(feature(camera), t),
      encodedImage: (camera: string, t: number): Promise<EncodedImage> => episode.encodedImage(feature(camera), t),
    };
  }
}
