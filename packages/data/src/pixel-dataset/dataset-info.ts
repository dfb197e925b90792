import { ANNOTATION_SCHEMA } from "./annotation-schema.ts";
import type { Column } from "./columns.ts";
import { CHUNK_SIZE, CODEBASE_VERSION, lerobotFeatures, type PixelLayout } from "./layout.ts";

/** What the next writer must know. */
export interface PixelDatasetState {
  readonly kind: "pixel-dataset";
  readonly annotationSchema: number;
  readonly layout: PixelLayout;
  readonly nEpisodes: number;
  readonly nFrames: number;
  /** Files written so far; data, episode and video files share numbers. */
  readonly nFiles: number;
}

/** `meta/info.json`. */
export function infoJson(
  { layout, nEpisodes, nFrames }: PixelDatasetState,
  columns: readonly Column[],
  nTasks: number,
): string {
  const info = {
    codebase_version: CODEBASE_VERSION,
    robot_type: layout.robotType,
    total_episodes: nEpisodes,
    total_frames: nFrames,
    total_tasks: nTasks,
    chunks_size: CHUNK_SIZE,
    data_files_size_in_mb: 100,
    video_files_size_in_mb: 200,
    fps: layout.fps,
    splits: { train: `0:${nEpisodes}` },
    data_path: "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
    video_path:
      layout.images === "stored" ? null : "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4",
    features: lerobotFeatures(layout, columns),
    pixelvla: {
      annotationSchema: ANNOTATION_SCHEMA,
      name: layout.name,
      primaryCamera: layout.primaryCamera ?? null,
      standardisation: layout.standardisation,
      source: layout.source,
    },
  };
  return JSON.stringify(info, null, 2);
}

/** What must agree between a dataset and what is added to it, as text. */
export function layoutKey({
  fps,
  cameras,
  images,
  stateNames,
  actionNames,
  rawActionSize,
  standardisation,
}: PixelLayout): string {
  const views = cameras.map(({ key, widthPx, heightPx }) => `${key} ${widthPx}x${heightPx}`).join(", ");
  return `${fps} frames/s, cameras ${views || "none"} (${images}), state [${stateNames.join(", ")}], action [${actionNames.join(", ")}], ${rawActionSize} recorded action values, standardisation ${standardisation}`;
}
