/**
 * What every dataset reader gives, whatever the files look like: episodes of frames with standardised actions.
 *
 * Letters: T frames of an episode after standardisation, R frames as recorded (R >= T), S state width, A action width, H W pixels.
 */

/** Which on-disk form a dataset has. */
export type DatasetFormat = "rlds" | "lerobot-v2.1" | "lerobot-v3" | "libero-hdf5";

/** One camera of a dataset. Sizes are those declared by the metadata; the image itself decides. */
export interface CameraInfo {
  readonly key: string;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What is known about a dataset after opening it, before any episode is read. */
export interface DatasetInfo {
  readonly name: string;
  readonly format: DatasetFormat;
  readonly root: string;
  readonly fps: number | undefined;
  readonly cameras: readonly CameraInfo[];
  /** Key of the third-person camera that policies look through. */
  readonly primaryCamera: string | undefined;
  readonly stateNames: readonly string[];
  /** Names of the A action dimensions after standardisation. */
  readonly actionNames: readonly string[];
  /** Episodes that can be listed: those of the chosen split whose files are present. */
  readonly nEpisodes: number;
  /** Recorded frames of those episodes, where the metadata says so. */
  readonly nFrames: number | undefined;
  readonly splits: readonly string[];
  /** Version as the dataset states it (`"1.0.0"`, `"v2.1"`). */
  readonly version: string;
  /** Name of the standardisation applied to actions, e.g. `"bridge"`, `"fractal"`, `"libero"`, `"generic"`. */
  readonly standardisation: string;
  /** Files the metadata promises and the disk lacks, relative to `root` (at most 1,000 are named). */
  readonly missingFiles: readonly string[];
  /** Episodes the metadata promises, present or not. */
  readonly nEpisodesDeclared: number;
}

/** One line of an episode list. */
export interface EpisodeSummary {
  /** Identity within the dataset; not always dense (missing files, splits). */
  readonly episodeIndex: number;
  readonly split: string;
  /** Recorded frames, R. */
  readonly nFrames: number;
  /** Instruction; empty where unlabelled. */
  readonly task: string;
  /** File relative to the dataset's root, and the byte offset of the record in it where the format has one. */
  readonly source: { readonly file: string; readonly offset?: number };
}

/** An RGB image, rows top to bottom, `data` `[H, W, 3]` in 0..255. */
export interface RgbImage {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly data: Uint8Array;
}

/** An image as stored (`image/jpeg`, `image/png`), or encoded on demand where the store holds video or raw pixels. */
export interface EncodedImage {
  readonly mime: string;
  readonly bytes: Uint8Array;
}

/** One loaded episode. Images are decoded on demand. */
export interface Episode extends Omit<EpisodeSummary, "nFrames"> {
  /** Frames after standardisation, T. Every `frameIndex` below counts these. */
  readonly nFrames: number;
  /** Frames as recorded, R. */
  readonly nRawFrames: number;
  /** `[T, S]`, as recorded. */
  readonly state: Float32Array;
  /** `[T, A]` standardised: dx dy dz (metres), droll dpitch dyaw (radians), gripper (1 open, 0 closed); A = 7 except for `generic` sets. */
  readonly action: Float32Array;
  /** `[T, rawAction.length / T]`, the recorded action of the same frames. */
  readonly rawAction: Float32Array;
  /** `[T]`, which recorded frame each frame is: annotations are keyed by this. */
  readonly rawFrameIndex: Int32Array;
  /** `[T]` seconds from the start of the recording. */
  readonly timestampS: Float64Array;
  /** `[R]` commanded gripper opening of every recorded frame (1 open, 0 closed), or undefined where the set has no known gripper. */
  readonly rawGripper: Float32Array | undefined;
  /** `[R]` the same command as recorded, before it was made binary; equal to `rawGripper` where the recording is binary or relative. */
  readonly rawGripperCommand: Float32Array | undefined;
  /** `[R]` measured opening (larger is more open), where the set records it. */
  readonly rawOpening: Float32Array | undefined;
  /** Decoded image of frame `frameIndex` (0..T-1). @throws PVLA_DATA_IMAGE, PVLA_DATA_VIDEO */
  image(camera: string, frameIndex: number): Promise<RgbImage>;
  /** Stored bytes of the image, or an encoding made for the caller. */
  encodedImage(camera: string, frameIndex: number): Promise<EncodedImage>;
}

/** One thing found broken while reading, in `onDamage: "skip"` mode. */
export interface Damage {
  /** File relative to the dataset's root. */
  readonly file: string;
  /** Byte offset where known. */
  readonly offset: number | undefined;
  readonly episodeIndex: number | undefined;
  readonly code: string;
  readonly message: string;
}

/** An open dataset: a list of summaries and random access to episodes, in bounded memory. */
export interface Dataset {
  readonly info: DatasetInfo;
  /** Episode indices of the chosen split whose files are present, in listing order. */
  readonly episodeIndices: Int32Array;
  /** What was skipped so far (`onDamage: "skip"`). */
  readonly damage: readonly Damage[];
  /** Summaries at listing positions `start` to `end` (half-open; default all), in listing order. */
  summaries(range?: { start?: number; end?: number }): AsyncIterable<EpisodeSummary>;
  /**
   * Loads one episode by its `episodeIndex`.
   *
   * @throws PVLA_DATA_EPISODE for an unknown index, PVLA_DATA_NON_FINITE for NaN actions, other PVLA_DATA_* for damage
   */
  episode(episodeIndex: number): Promise<Episode>;
  /** As `episode`, but in `"skip"` mode damage is noted in `damage` and undefined returned: what streaming loops call. */
  tryEpisode(episodeIndex: number): Promise<Episode | undefined>;
  /** Releases files, decoders and threads. Episodes already loaded must not be asked for images afterwards. */
  close(): Promise<void>;
}

/** How to read a dataset. */
export interface OpenDatasetOptions {
  /** Split or TFDS-style slice of one: `"train"`, `"train[:95%]"`, `"val"`. Default: every split. */
  readonly split?: string;
  /** `"stop"` (default): damage throws. `"skip"`: listing and streaming pass over it and `damage` reports it. */
  readonly onDamage?: "stop" | "skip";
  readonly signal?: AbortSignal;
  /** Standardisation by name instead of by dataset: `"bridge"`, `"fractal"`, `"libero"`, `"generic"`. */
  readonly standardisation?: string;
  /** Bridge: OpenVLA drops the first and last recorded frame (default), Octo only the last. */
  readonly bridgeFrames?: "openvla" | "octo";
  /**
   * LIBERO HDF5 holds images upside down: `"rotate180"` (default) shows them as the RLDS copies and OpenVLA do (upright,
   * mirrored), `"flip"` upright and not mirrored, `"stored"` as they lie in the file.
   */
  readonly liberoImages?: "rotate180" | "flip" | "stored";
  /** Folder for the episode index of large sets. Default: `pixelvla/index` in the user's cache folder. */
  readonly indexDir?: string;
}
