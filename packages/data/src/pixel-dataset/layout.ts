import type { CameraInfo } from "../episode.ts";
import { ANNOTATION_COLUMNS } from "./annotation-columns.ts";
import type { Column } from "./columns.ts";
import { badEpisode } from "./errors.ts";

/** How frames are kept: `"stored"` the encoded images as they came, in the table; the others as lossy video. */
export type ImageStorage = "stored" | "av1" | "h264";

/** What is the same for every episode of a pixel dataset; fixed when it is created. */
export interface PixelLayout {
  readonly name: string;
  readonly robotType: string;
  readonly fps: number;
  readonly cameras: readonly CameraInfo[];
  /** Key of the third-person camera that policies look through. */
  readonly primaryCamera: string | undefined;
  readonly images: ImageStorage;
  readonly stateNames: readonly string[];
  readonly actionNames: readonly string[];
  /** Width of the recorded action, before standardisation. */
  readonly rawActionSize: number;
  /** Name of the standardisation the actions went through. */
  readonly standardisation: string;
  /** Where the frames come from: format, name and version of the dataset read. */
  readonly source: Readonly<Record<string, string>>;
}

/** LeRobot's version of the form written here. */
export const CODEBASE_VERSION = "v3.0";
/** Data files per chunk folder. */
export const CHUNK_SIZE = 1000;

/** LeRobot feature name of a camera: keys that are feature names already stay. */
export const cameraFeature = (key: string): string =>
  key.startsWith("observation.") ? key : `observation.images.${key}`;

/** Columns of the data table, in file order. Video cameras have none. @throws PVLA_PIXELS_EPISODE for a camera key unfit for a name */
export function dataColumns(layout: PixelLayout): Column[] {
  const one = [1];
  for (const { key } of layout.cameras)
    if (!/^[\w.-]+$/.test(key) || key.startsWith("."))
      throw badEpisode(
        layout.name,
        `the camera key ${JSON.stringify(key)}`,
        "letters, digits, dots, dashes and underscores",
      );
  const columns: Column[] = [
    { name: "timestamp", dtype: "float32", shape: one },
    { name: "frame_index", dtype: "int64", shape: one },
    { name: "episode_index", dtype: "int64", shape: one },
    { name: "index", dtype: "int64", shape: one },
    { name: "task_index", dtype: "int64", shape: one },
    { name: "action", dtype: "float32", shape: [layout.actionNames.length], names: layout.actionNames },
    { name: "raw.action", dtype: "float32", shape: [layout.rawActionSize] },
    { name: "raw.frame_index", dtype: "int64", shape: one },
    { name: "raw.timestamp", dtype: "float64", shape: one },
  ];
  if (layout.stateNames.length > 0)
    columns.push({
      name: "observation.state",
      dtype: "float32",
      shape: [layout.stateNames.length],
      names: layout.stateNames,
    });
  if (layout.images === "stored") for (const camera of layout.cameras) columns.push(imageColumn(camera));
  return [...columns, ...ANNOTATION_COLUMNS];
}

const imageColumn = ({ key, heightPx, widthPx }: CameraInfo): Column => ({
  name: cameraFeature(key),
  dtype: "image",
  shape: [heightPx, widthPx, 3],
  names: ["height", "width", "channels"],
});

/** LeRobot's `features` of `meta/info.json`. */
export function lerobotFeatures(layout: PixelLayout, columns: readonly Column[]): Record<string, unknown> {
  const features = Object.fromEntries(
    columns.map(({ name, dtype, shape, names }) => [name, { dtype, shape, names: names ?? null }]),
  );
  if (layout.images !== "stored")
    for (const { key, heightPx, widthPx } of layout.cameras)
      features[cameraFeature(key)] = {
        dtype: "video",
        shape: [heightPx, widthPx, 3],
        names: ["height", "width", "channels"],
        info: {
          "video.height": heightPx,
          "video.width": widthPx,
          "video.codec": layout.images,
          "video.pix_fmt": "yuv420p",
          "video.is_depth_map": false,
          "video.fps": layout.fps,
          "video.channels": 3,
          has_audio: false,
        },
      } as never;
  return features;
}

const numbered = (index: number) => {
  const pad = (n: number) => String(n).padStart(3, "0");
  return {
    chunk: Math.floor(index / CHUNK_SIZE),
    file: index % CHUNK_SIZE,
    path: `chunk-${pad(Math.floor(index / CHUNK_SIZE))}/file-${pad(index % CHUNK_SIZE)}`,
  };
};

/** Chunk and file number of the `index`-th file, and its paths below the root. */
export function filePaths(index: number) {
  const { chunk, file, path } = numbered(index);
  return {
    chunk,
    file,
    data: `data/${path}.parquet`,
    episodes: `meta/episodes/${path}.parquet`,
    video: (camera: string) => `videos/${cameraFeature(camera)}/${path}.mp4`,
  };
}

/** Paths of the `index`-th commit's files in a sidecar. */
export function sidecarPaths(index: number) {
  const { path } = numbered(index);
  return { annotations: `annotations/${path}.parquet`, episodes: `episodes/${path}.parquet` };
}
