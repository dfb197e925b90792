import { createHash } from "node:crypto";
import { openDataset, type Dataset, type Episode } from "@pixelvla/data";
import { dimensionMismatch, frameOutOfRange, noSamples, unknownCamera } from "../errors.ts";
import type { TrainingOptions } from "../training-options.ts";
import { ByteCache } from "./byte-cache.ts";
import { EPISODES_AT_ONCE, EpisodeAnnotationCache } from "./episode-annotations.ts";
import { actionChunk, waypointFrame, type ActionChunk, type GripperCommand } from "./chunks.ts";
import { constantBaseline, type ConstantBaseline } from "./constant-baseline.ts";
import { fitImage, type ImageFit } from "./fit-image.ts";
import type { SampleAnnotation } from "./visual-prompts.ts";
import { dimensionStatistics, normaliseRow, withGripper, type DatasetStatistics } from "./statistics.ts";

/** What a store needs to know of the recipe. */
export interface SampleShape {
  readonly recipe: string;
  readonly image: ImageFit;
  readonly chunkSize: number;
  readonly actionDim: number;
  /** 0: the policy reads no state. */
  readonly stateDim: number;
  /** Whether the policy has a pixel or prompt encoder, so that samples need a mask. */
  readonly usesAnnotations: boolean;
  /** Whether an auxiliary loss reads the target's mask and phrase. */
  readonly usesTargets: boolean;
}

export interface SampleStoreOptions {
  readonly dataset: string;
  readonly shape: SampleShape;
  readonly data: TrainingOptions["data"];
  /** Statistics of an earlier run or checkpoint; computed from the dataset when absent. */
  readonly statistics?: DatasetStatistics;
}

/** One frame, ready for a batch. */
export interface Sample {
  readonly episodeIndex: number;
  readonly frameIndex: number;
  readonly instruction: string;
  /** `[H, W, 3]`, fitted; empty where it was not asked for. */
  readonly image: Uint8Array;
  /** `[S]`, normalised. */
  readonly state: Float32Array;
  /** `[S]`, normalised: where the hand is heading, see `waypointFrame`; undefined for what is not of a data set. */
  readonly waypoint?: Float32Array;
  /** Normalised. */
  readonly chunk: ActionChunk;
  /** The target object; undefined without pixel parts and where the frame has no mask. */
  readonly annotation: SampleAnnotation | undefined;
  /** The target object in this very frame, for auxiliary losses; undefined without them and where it is hidden. */
  readonly target?: SampleAnnotation | undefined;
}

/** What to read of a sample besides its numbers. */
export interface SampleParts {
  /** Default true. */
  readonly image?: boolean;
}

const NO_IMAGE = new Uint8Array();

/** Reads a dataset as samples: images fitted and cached, actions and states normalised. Lives in a worker thread. */
export class SampleStore {
  readonly dataset: Dataset;
  readonly statistics: DatasetStatistics;
  readonly baseline: ConstantBaseline;
  /** Frames of each episode, in listing order. */
  readonly frames: readonly number[];
  /** Changes when the dataset's episodes, actions or instructions do. */
  readonly fingerprint: string;
  readonly camera: string;
  readonly #options: SampleStoreOptions;
  readonly #images: ByteCache;
  readonly #episodes: Map<number, Episode>;
  readonly #annotations: EpisodeAnnotationCache | undefined;

  private constructor(
    dataset: Dataset,
    camera: string,
    options: SampleStoreOptions,
    scan: Scan,
    episodes: Map<number, Episode>,
    annotations: EpisodeAnnotationCache | undefined,
    earlier: SampleStore | undefined,
  ) {
    this.dataset = dataset;
    this.camera = camera;
    this.#options = options;
    this.#episodes = episodes;
    this.#annotations = annotations;
    this.frames = scan.frames;
    this.fingerprint = scan.fingerprint;
    const hasThem = earlier !== undefined && earlier.#picturesKey === this.#picturesKey;
    this.#images = hasThem ? earlier.#images : new ByteCache(options.data.cacheMb * 2 ** 20);
    this.statistics = options.statistics ?? scan.statistics;
    const normalised = scan.actions.map((action) => this.#normalised(action));
    this.baseline = constantBaseline(normalised, options.shape.actionDim, options.shape.chunkSize);
  }

  /**
   * @param earlier a store whose decoded pictures are taken over where they are the same
   * @throws PVLA_DATA_*, PVLA_NO_SAMPLES, PVLA_CAMERA, PVLA_INCOMPATIBLE
   */
  static async open(options: SampleStoreOptions, earlier?: SampleStore): Promise<SampleStore> {
    const dataset = await openSplit(options.dataset, options.data);
    const { info } = dataset;
    const camera = options.data.camera ?? info.primaryCamera;
    if (camera === undefined || !info.cameras.some(({ key }) => key === camera))
      throw unknownCamera(
        options.dataset,
        camera,
        info.cameras.map(({ key }) => key),
      );
    const { recipe, actionDim, stateDim } = options.shape;
    if (info.actionNames.length !== actionDim)
      throw dimensionMismatch(recipe, "action", info.actionNames.length, actionDim, "actionDim");
    if (stateDim !== 0 && info.stateNames.length !== stateDim)
      throw dimensionMismatch(recipe, "state", info.stateNames.length, stateDim, "stateDim");
    const annotations = await EpisodeAnnotationCache.open(options);
    const episodes = new Map<number, Episode>();
    const scan = await scanDataset(dataset, options, annotations, episodes);
    if (scan.frames.every((n) => n === 0)) throw noSamples(options.dataset, options.shape.usesAnnotations);
    return new SampleStore(dataset, camera, options, scan, episodes, annotations, earlier);
  }

  /** The sample of frame `frameIndex` of the `position`-th listed episode; its picture is read only where it is asked for. */
  async sample(position: number, frameIndex: number, { image = true }: SampleParts = {}): Promise<Sample> {
    const episode = await this.#episode(this.dataset.episodeIndices[position]!);
    return this.sampleOf(episode, frameIndex, { image });
  }

  /** The fitted picture of that frame, `[H, W, 3]`. */
  async image(position: number, frameIndex: number): Promise<Uint8Array> {
    return this.#imageOf(await this.#episode(this.dataset.episodeIndices[position]!), frameIndex);
  }

  /** The sample of a frame by the episode's own index. @throws PVLA_DATA_EPISODE, PVLA_FRAME */
  async sampleByIndex(episodeIndex: number, frameIndex: number): Promise<Sample> {
    const episode = await this.#episode(episodeIndex);
    if (frameIndex < 0 || frameIndex >= episode.nFrames)
      throw frameOutOfRange(episodeIndex, frameIndex, episode.nFrames);
    return this.sampleOf(episode, frameIndex);
  }

  async sampleOf(episode: Episode, frameIndex: number, parts: SampleParts = {}): Promise<Sample> {
    const { shape } = this.#options;
    const image = parts.image === false ? NO_IMAGE : await this.#imageOf(episode, frameIndex);
    const state = this.#stateOf(episode, frameIndex);
    const heading = waypointFrame(episode.action, shape.actionDim, frameIndex, this.#gripper);
    const waypoint = this.#stateOf(episode, heading);
    const chunk = actionChunk(episode.action, shape.actionDim, frameIndex, shape.chunkSize);
    const actions = this.#normalised(chunk.actions);
    const annotation = shape.usesAnnotations ? await this.#annotations?.shown(episode, frameIndex) : undefined;
    const target = shape.usesTargets ? await this.#annotations?.at(episode, frameIndex) : undefined;
    const { episodeIndex, task: instruction } = episode;
    const numbers = { state, waypoint, chunk: { ...chunk, actions } };
    return { episodeIndex, frameIndex, instruction, image, ...numbers, annotation, target };
  }

  async close(): Promise<void> {
    await this.#annotations?.close();
    await this.dataset.close();
  }

  /** What decoded and fitted pictures depend on. */
  get #picturesKey(): string {
    const { dataset, shape, data } = this.#options;
    return JSON.stringify([dataset, this.fingerprint, this.camera, shape.image, data.cacheMb]);
  }

  #imageOf(episode: Episode, frameIndex: number): Promise<Uint8Array> {
    return this.#images.get(`${episode.episodeIndex}/${frameIndex}`, async () =>
      fitImage(await episode.image(this.camera, frameIndex), this.#options.shape.image),
    );
  }

  async #episode(episodeIndex: number): Promise<Episode> {
    const found = this.#episodes.get(episodeIndex);
    if (found !== undefined) return found;
    const episode = await this.dataset.episode(episodeIndex);
    this.#episodes.set(episodeIndex, episode);
    const limit = this.#options.data.mixEpisodes + 1;
    for (const oldest of this.#episodes.keys()) {
      if (this.#episodes.size <= limit) break;
      this.#episodes.delete(oldest);
    }
    return episode;
  }

  get #gripper(): GripperCommand {
    return this.statistics.action.min.at(-1)! < -0.5 ? "relative" : "absolute";
  }

  #stateOf(episode: Episode, frameIndex: number): Float32Array {
    const { stateDim } = this.#options.shape;
    const state = episode.state.slice(frameIndex * stateDim, (frameIndex + 1) * stateDim);
    if (stateDim > 0) normaliseRow(state, this.statistics.proprio);
    return state;
  }

  #normalised(action: Float32Array): Float32Array {
    const copy = action.slice();
    const { actionDim } = this.#options.shape;
    for (let i = 0; i < copy.length; i += actionDim)
      normaliseRow(copy.subarray(i, i + actionDim), this.statistics.action);
    return copy;
  }
}

/** Opens the split asked for: by default "train" where the dataset has one, else everything. */
export async function openSplit(
  path: string,
  { split, onDamage }: Pick<TrainingOptions["data"], "split" | "onDamage">,
): Promise<Dataset> {
  if (split !== null) return openDataset(path, { split, onDamage });
  const all = await openDataset(path, { onDamage });
  if (!all.info.splits.includes("train")) return all;
  await all.close();
  return openDataset(path, { split: "train", onDamage });
}

interface Scan {
  readonly frames: number[];
  readonly actions: Float32Array[];
  readonly statistics: DatasetStatistics;
  readonly fingerprint: string;
}

/** One pass over all episodes' numbers; no image is decoded. Keeps the episodes where a run has them all in memory anyway. */
async function scanDataset(
  dataset: Dataset,
  { shape, data }: SampleStoreOptions,
  annotations: EpisodeAnnotationCache | undefined,
  kept: Map<number, Episode>,
): Promise<Scan> {
  const frames: number[] = [];
  const actions: Float32Array[] = [];
  const states: Float32Array[] = [];
  const hash = createHash("sha256");
  const keepsAll = dataset.info.nEpisodes <= data.mixEpisodes + 1;
  for (const [i, episodeIndex] of dataset.episodeIndices.entries()) {
    if ((shape.usesAnnotations || keepsAll) && i % EPISODES_AT_ONCE === 0)
      await annotations?.read(dataset.episodeIndices.slice(i, i + EPISODES_AT_ONCE));
    const episode = await dataset.episode(episodeIndex);
    if (keepsAll) kept.set(episodeIndex, episode);
    const { nFrames, action, state, task } = episode;
    // Episodes whose target was not found carry no pixel-level supervision: they are left out.
    const isUsable = !shape.usesAnnotations || (await annotations?.shown(episode, 0)) !== undefined;
    frames.push(isUsable ? nFrames : 0);
    actions.push(action.slice());
    states.push(state.slice());
    hash.update(`${episodeIndex}\n${task}\n${isUsable}\n`).update(bytesOf(action));
  }
  const { stateNames, name } = dataset.info;
  const action = dimensionStatistics(joined(actions), shape.actionDim);
  return {
    frames,
    actions,
    statistics: {
      dataset: name,
      num_trajectories: frames.filter((n) => n > 0).length,
      num_transitions: frames.reduce((sum, n) => sum + n, 0),
      action: withGripper(action, data.gripper),
      proprio: dimensionStatistics(joined(states), stateNames.length),
    },
    fingerprint: hash.digest("hex"),
  };
}

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
