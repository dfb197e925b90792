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
import { CommitLog } from "./commit-log.ts";
import { damagedStore, nothingThere } from "./errors.ts";
import { cameraFeature, filePaths, type PixelLayout } from "./layout.ts";
import type { PixelDatasetState } from "./dataset-info.ts";
import { RecordedColumnsReader } from "./recorded-columns.ts";

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
  readonly #recorded: RecordedColumnsReader;
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
    this.#recorded = new RecordedColumnsReader(index, layout.rawActionSize);
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
    const recorded = await this.#recorded.of(episodeIndex);
    const nRecorded = recorded.rawFrameIndex.length;
    if (nRecorded !== nFrames)
      throw damagedStore(
        this.#index.root,
        `${nRecorded} recorded frames of episode ${episodeIndex} beside ${nFrames} frames`,
      );
    const feature = (camera: string) => this.#features.get(camera) ?? camera;
    return {
      episodeIndex,
      ...recorded,
      task: episode.task,
      source: episode.source,
      nFrames,
      state: episode.state,
      action: episode.action,
      image: (camera: string, t: number): Promise<RgbImage> => episode.image(feature(camera), t),
      encodedImage: (camera: string, t: number): Promise<EncodedImage> => episode.encodedImage(feature(camera), t),
    };
  }
}
