import type { EncodedImage, Episode, EpisodeSummary, RgbImage } from "./episode.ts";
import { unknownFrame, unknownName } from "./errors.ts";
import type { StandardisedFrames } from "./standardise/recorded.ts";

/** Where the images of one episode come from. `rawFrame` counts recorded frames; both arguments are already checked. */
export interface ImageSource {
  image(camera: string, rawFrame: number): Promise<RgbImage>;
  encoded(camera: string, rawFrame: number): Promise<EncodedImage>;
}

/** What a reader knows about an episode it has loaded. */
export interface EpisodeFacts {
  readonly dataset: string;
  readonly cameras: readonly string[];
  readonly episodeIndex: number;
  readonly split: string;
  readonly task: string;
  readonly source: EpisodeSummary["source"];
  /** R. */
  readonly nRawFrames: number;
  readonly frames: StandardisedFrames;
  /** `[R]` seconds. */
  readonly rawTimestampS: (rawFrame: number) => number;
}

/** An episode in memory, its images decoded on demand from `images`. */
export class LoadedEpisode implements Episode {
  readonly episodeIndex: number;
  readonly split: string;
  readonly task: string;
  readonly source: EpisodeSummary["source"];
  readonly nFrames: number;
  readonly nRawFrames: number;
  readonly state: Float32Array;
  readonly action: Float32Array;
  readonly rawAction: Float32Array;
  readonly rawFrameIndex: Int32Array;
  readonly timestampS: Float64Array;
  readonly rawGripper: Float32Array | undefined;
  readonly rawGripperCommand: Float32Array | undefined;
  readonly rawOpening: Float32Array | undefined;
  readonly #images: ImageSource;
  readonly #dataset: string;
  readonly #cameras: readonly string[];

  constructor(facts: EpisodeFacts, images: ImageSource) {
    const { frames } = facts;
    this.#images = images;
    this.#dataset = facts.dataset;
    this.#cameras = facts.cameras;
    this.episodeIndex = facts.episodeIndex;
    this.split = facts.split;
    this.task = facts.task;
    this.source = facts.source;
    this.nFrames = frames.nFrames;
    this.nRawFrames = facts.nRawFrames;
    this.state = frames.state;
    this.action = frames.action;
    this.rawAction = frames.rawAction;
    this.rawGripper = frames.rawGripper;
    this.rawGripperCommand = frames.rawGripperCommand;
    this.rawOpening = frames.rawOpening;
    this.rawFrameIndex = Int32Array.from({ length: frames.nFrames }, (_, t) => frames.first + t);
    this.timestampS = Float64Array.from(this.rawFrameIndex, facts.rawTimestampS);
  }

  async image(camera: string, frameIndex: number): Promise<RgbImage> {
    return this.#images.image(camera, this.#rawFrame(camera, frameIndex));
  }

  async encodedImage(camera: string, frameIndex: number): Promise<EncodedImage> {
    return this.#images.encoded(camera, this.#rawFrame(camera, frameIndex));
  }

  #rawFrame(camera: string, frameIndex: number): number {
    const available = this.#cameras;
    if (!available.includes(camera))
      throw unknownName("PVLA_DATA_CAMERA", { dataset: this.#dataset, kind: "camera", name: camera, available });
    const raw = this.rawFrameIndex[frameIndex];
    if (raw === undefined) throw unknownFrame({ episodeIndex: this.episodeIndex, frameIndex, nFrames: this.nFrames });
    return raw;
  }
}
