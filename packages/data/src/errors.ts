import { nearestName, pixelVlaError, type PixelVlaError } from "@pixelvla/core";

/** Where in which file something was found. */
export interface Place {
  /** Path as the user knows it: relative to the dataset's root, or absolute. */
  readonly file: string;
  /** Byte offset from the start of the file. */
  readonly offset?: number | undefined;
}

const at = ({ file, offset }: Place) => (offset === undefined ? file : `${file} at byte ${offset}`);

/** A file ends before the thing that begins at `place` does. */
export const truncatedFile = (
  place: Place,
  facts: { what: string; needBytes: number; haveBytes: number },
): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_TRUNCATED",
    {
      doing: `Reading ${facts.what} in ${at(place)}`,
      found: `the file ends after ${facts.haveBytes} of its ${facts.needBytes} bytes`,
      fix: "Copy the file again, or skip damaged episodes (--on-damage skip)",
    },
    { ...place, ...facts },
  );

/** A gzipped shard that cannot be inflated. */
export const badGzip = (file: string, cause: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_TRUNCATED",
    {
      doing: `Inflating ${file}`,
      found: `a broken gzip stream (${cause instanceof Error ? cause.message : String(cause)})`,
      fix: "Copy the file again",
    },
    { file },
    cause,
  );

/** A checksum does not match its bytes. */
export const checksumMismatch = (
  place: Place,
  facts: { what: string; stored: number; computed: number },
): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_CHECKSUM",
    {
      doing: `Reading ${facts.what} in ${at(place)}`,
      found: `CRC-32C ${hex(facts.computed)} of the bytes, stored is ${hex(facts.stored)}`,
      fix: "The file is damaged: copy it again, or skip damaged episodes (--on-damage skip)",
    },
    { ...place, ...facts },
  );

/** Bytes that are no valid protobuf Example. */
export const malformedExample = (place: Place, found: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_PROTOBUF",
    { doing: `Decoding the Example in ${at(place)}`, found, fix: "The record is damaged or no tf.train.Example" },
    { ...place },
  );

/** A Git LFS pointer lies where the real file should. */
export const lfsPointer = (file: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_LFS_POINTER",
    {
      doing: `Opening ${file}`,
      found: "a Git LFS pointer (a small text file), not the data itself",
      fix: 'Fetch the data with "git lfs pull" in that repository, or download the file from its web page',
    },
    { file },
  );

/** Metadata that cannot be read or makes no sense. */
export const badMetadata = (
  file: string,
  found: string,
  facts: { needed?: string; fix?: string } = {},
  cause?: unknown,
) =>
  pixelVlaError(
    "PVLA_DATA_METADATA",
    {
      doing: `Reading ${file}`,
      found,
      ...(facts.needed === undefined ? {} : { needed: facts.needed }),
      fix: facts.fix ?? "Compare the file with its original",
    },
    { file },
    cause,
  );

/** Metadata that points outside the dataset's folder. */
export const unsafePath = (file: string, path: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_UNSAFE_PATH",
    {
      doing: `Reading ${file}`,
      found: `the path ${JSON.stringify(path)}, which leaves the dataset's folder`,
      needed: "paths below the folder that holds the metadata",
      fix: "Do not trust this dataset before looking at its metadata",
    },
    { file, path },
  );

/** Recorded data that contradicts the dataset's own feature specification. */
export const featureMismatch = (
  place: Place,
  facts: { feature: string; found: string; needed: string },
): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_FEATURE",
    {
      doing: `Reading feature "${facts.feature}" in ${at(place)}`,
      found: facts.found,
      needed: facts.needed,
      fix: "The feature specification does not belong to this data",
    },
    { ...place, ...facts },
  );

/** A file the metadata promises is not there. */
export const missingFile = (file: string, why: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_MISSING_FILE",
    { doing: `Opening ${file}`, found: `no such file, ${why}`, fix: "Download the rest of the dataset" },
    { file },
  );

/** A folder that is none of the known forms. */
export const unknownFormat = (path: string, found: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_FORMAT",
    {
      doing: `Opening dataset ${path}`,
      found,
      needed:
        "an RLDS folder (dataset_info.json + features.json), a LeRobot folder (meta/info.json) or LIBERO files (*.hdf5)",
      fix: "Point at the folder that directly holds those files",
    },
    { path },
  );

/** A name the caller asked for that does not exist. `kind` such as "camera", "split". */
export function unknownName(
  code: string,
  facts: { dataset: string; kind: string; name: string; available: readonly string[] },
) {
  const near = nearestName(facts.name, [...facts.available]);
  const meant = near === undefined ? "" : `Did you mean "${near}"? `;
  return pixelVlaError(
    code,
    {
      doing: `Reading dataset ${facts.dataset}`,
      found: `no ${facts.kind} is named "${facts.name}"`,
      fix: `${meant}Available: ${facts.available.join(", ") || "none"}`,
    },
    facts,
  );
}

/** An episode index that the dataset does not have. */
export const unknownEpisode = (dataset: string, episodeIndex: number, range: string): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_EPISODE",
    { doing: `Reading dataset ${dataset}`, found: `no episode ${episodeIndex}`, fix: `Episodes: ${range}` },
    { dataset, episodeIndex },
  );

/** A frame index outside the episode. */
export const unknownFrame = (facts: { episodeIndex: number; frameIndex: number; nFrames: number }): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_FRAME",
    {
      doing: `Reading episode ${facts.episodeIndex}`,
      found: `no frame ${facts.frameIndex}`,
      needed: `0 to ${facts.nFrames - 1}`,
    },
    facts,
  );

/** An image that cannot be decoded. */
export const badImage = (place: Place, facts: { camera: string; frameIndex: number; found: string }, cause?: unknown) =>
  pixelVlaError(
    "PVLA_DATA_IMAGE",
    {
      doing: `Decoding image "${facts.camera}" of frame ${facts.frameIndex} in ${at(place)}`,
      found: facts.found,
      fix: "The image is damaged: copy the file again, or skip damaged episodes (--on-damage skip)",
    },
    { ...place, ...facts },
    cause,
  );

/** A video that cannot be opened, or that lacks a frame the table promises. */
export const badVideo = (file: string, found: string, facts: { timeS?: number; fix?: string } = {}, cause?: unknown) =>
  pixelVlaError(
    "PVLA_DATA_VIDEO",
    {
      doing:
        facts.timeS === undefined ? `Reading video ${file}` : `Reading video ${file} at ${facts.timeS.toFixed(3)} s`,
      found,
      fix: facts.fix ?? "Copy the file again, or skip damaged episodes (--on-damage skip)",
    },
    { file, ...facts },
    cause,
  );

/** A parquet file that cannot be read, or lacks a column. */
export const badParquet = (
  file: string,
  found: string,
  facts: { needed?: string } = {},
  cause?: unknown,
): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_PARQUET",
    {
      doing: `Reading table ${file}`,
      found,
      ...facts,
      fix: "Copy the file again, or skip damaged episodes (--on-damage skip)",
    },
    { file },
    cause,
  );

/** An HDF5 file that cannot be read, or lacks a dataset. `path` is the object inside the file. */
export const badHdf5 = (file: string, path: string, found: string, facts: { needed?: string } = {}, cause?: unknown) =>
  pixelVlaError(
    "PVLA_DATA_HDF5",
    {
      doing: `Reading ${file}${path === "" ? "" : ` at ${path}`}`,
      found,
      ...facts,
      fix: "Copy the file again, or skip damaged episodes (--on-damage skip)",
    },
    { file, path },
    cause,
  );

/** NaN or infinite actions, which no policy may be trained on. */
export const nonFiniteAction = (
  place: Place,
  facts: { episodeIndex: number; frameIndex: number; dimension: string; value: number; nFrames: number },
): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_NON_FINITE",
    {
      doing: `Reading actions of episode ${facts.episodeIndex} in ${at(place)}`,
      found: `${facts.value} in dimension "${facts.dimension}" of recorded frame ${facts.frameIndex} (${facts.nFrames} such frames)`,
      needed: "finite numbers",
      fix: "Repair or drop the episode, or skip damaged episodes (--on-damage skip)",
    },
    { ...place, ...facts },
  );

/** The optional video decoder is not installed. */
export const decoderMissing = (file: string, cause: unknown): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_DECODER",
    {
      doing: `Decoding video ${file}`,
      found: 'the optional package "node-av" (FFmpeg) is not installed or does not load on this machine',
      fix: "Install it with: npm install node-av",
    },
    { file },
    cause,
  );

/** Actions that no rule of this dataset family fits. */
export const cannotStandardise = (
  dataset: string,
  standardisation: string,
  found: string,
  needed: string,
): PixelVlaError =>
  pixelVlaError(
    "PVLA_DATA_STANDARDISATION",
    {
      doing: `Standardising actions of ${dataset} as "${standardisation}"`,
      found,
      needed,
      fix: "Choose another standardisation (--standardisation bridge|fractal|libero|generic)",
    },
    { dataset, standardisation },
  );

const hex = (value: number) => `0x${value.toString(16).padStart(8, "0")}`;
