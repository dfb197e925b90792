import type { EncodedImage, Episode, EpisodeSummary, RgbImage } from "../episode.ts";
import { badImage, unknownFrame, unknownName, type Place } from "../errors.ts";
import { decodeImage, imageMime } from "../images/decode.ts";
import type { StandardisedFrames } from "../standardise/recorded.ts";
import type { RldsRecord } from "./record.ts";

/** An episode whose encoded images lie in its record's payload. */
export class RldsEpisode implements Episode {
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
  readonly #record: RldsRecord;
  readonly #dataset: string;
  readonly #cameras: readonly string[];
  readonly #place: Place;

  constructor(facts: {
    record: RldsRecord;
    frames: StandardisedFrames;
    place: Place;
    dataset: string;
    cameras: readonly string[];
    episodeIndex: number;
    split: string;
    fps: number | undefined;
    source: EpisodeSummary["source"];
  }) {
    const { record, frames, fps } = facts;
    this.#record = record;
    this.#dataset = facts.dataset;
    this.#cameras = facts.cameras;
    this.#place = facts.place;
    this.episodeIndex = facts.episodeIndex;
    this.split = facts.split;
    this.source = facts.source;
    this.task = record.task;
    this.nFrames = frames.nFrames;
    this.nRawFrames = record.nFrames;
    this.state = frames.state;
    this.action = frames.action;
    this.rawAction = frames.rawAction;
    this.rawGripper = frames.rawGripper;
    this.rawGripperCommand = frames.rawGripperCommand;
    this.rawOpening = frames.rawOpening;
    this.rawFrameIndex = Int32Array.from({ length: frames.nFrames }, (_, t) => frames.first + t);
    this.timestampS = Float64Array.from(this.rawFrameIndex, (raw) => raw / (fps ?? 1));
  }

  async image(camera: string, frameIndex: number): Promise<RgbImage> {
    const { bytes } = this.#encoded(camera, frameIndex);
    return decodeImage(bytes).catch((cause: unknown) => {
      throw this.#bad(camera, frameIndex, cause instanceof Error ? cause.message : String(cause), cause);
    });
  }

  encodedImage(camera: string, frameIndex: number): Promise<EncodedImage> {
    return Promise.resolve().then(() => this.#encoded(camera, frameIndex));
  }

  #encoded(camera: string, frameIndex: number): EncodedImage {
    if (!this.#cameras.includes(camera))
      throw unknownName("PVLA_DATA_CAMERA", {
        dataset: this.#dataset,
        kind: "camera",
        name: camera,
        available: this.#cameras,
      });
    const raw = this.rawFrameIndex[frameIndex];
    if (raw === undefined) throw unknownFrame({ episodeIndex: this.episodeIndex, frameIndex, nFrames: this.nFrames });
    const bytes = this.#record.images(camera)[raw]!;
    const mime = imageMime(bytes);
    if (mime) return { mime, bytes };
    const head = Buffer.from(bytes.subarray(0, 4)).toString("hex");
    throw this.#bad(camera, frameIndex, bytes.length === 0 ? "no image" : `neither JPEG nor PNG (begins ${head})`);
  }

  #bad(camera: string, frameIndex: number, found: string, cause?: unknown): Error {
    return badImage(this.#place, { camera, frameIndex, found }, cause);
  }
}
