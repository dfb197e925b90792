import type { DatasetInfo, Episode } from "../episode.ts";
import { summariseAnnotations, type AnnotationSummary, type EpisodeAnnotations } from "./annotation.ts";
import { annotationToRow } from "./annotation-columns.ts";
import type { Column } from "./columns.ts";
import { badEpisode } from "./errors.ts";
import { cameraFeature, type PixelLayout } from "./layout.ts";

/** One episode to be written: a reader's episode, what it is called, and its annotations. */
export interface PixelEpisode {
  /** Identity across runs and writers, e.g. `"bridge_orig/train/17"`: an episode is kept once per key. */
  readonly key: string;
  readonly episode: Pick<
    Episode,
    | "split"
    | "task"
    | "nFrames"
    | "nRawFrames"
    | "state"
    | "action"
    | "rawAction"
    | "rawFrameIndex"
    | "timestampS"
    | "rawGripper"
    | "rawGripperCommand"
    | "rawOpening"
    | "image"
    | "encodedImage"
  >;
  readonly annotations?: EpisodeAnnotations | undefined;
  /** Doubt in 0..1 for the review queue, if the annotator knows better than the default. */
  readonly doubt?: number | undefined;
}

/** An episode as table columns, waiting for its commit. Indices that depend on the commit are filled in then. */
export interface PendingEpisode {
  readonly key: string;
  readonly split: string;
  readonly task: string;
  readonly nFrames: number;
  readonly nRawFrames: number;
  readonly rawGripper: Float32Array | undefined;
  readonly rawGripperCommand: Float32Array | undefined;
  readonly rawOpening: Float32Array | undefined;
  readonly state: Float32Array;
  readonly action: Float32Array;
  /** By column name, one entry a frame. */
  readonly values: ReadonlyMap<string, readonly unknown[]>;
  readonly summary: AnnotationSummary;
  /** First frame in the segment's videos; 0 without videos. */
  readonly firstVideoFrame: number;
  /** Approximate bytes held. */
  readonly bytes: number;
}

/** What a pixel dataset made from an open dataset looks like. */
export function layoutFor(
  info: DatasetInfo,
  choices: { images: PixelLayout["images"]; rawActionSize: number; actionSize: number; stateSize: number },
): PixelLayout {
  const names = (given: readonly string[], size: number, prefix: string) =>
    given.length === size ? given : Array.from({ length: size }, (_, i) => `${prefix}_${i}`);
  return {
    name: info.name,
    robotType: "unknown",
    fps: info.fps ?? 10,
    cameras: info.cameras,
    primaryCamera: info.primaryCamera,
    images: choices.images,
    stateNames: names(info.stateNames, choices.stateSize, "state"),
    actionNames: names(info.actionNames, choices.actionSize, "action"),
    rawActionSize: choices.rawActionSize,
    standardisation: info.standardisation,
    source: { name: info.name, format: info.format, version: info.version },
  };
}

/** Checks an episode against the layout and turns it into columns. @throws PVLA_PIXELS_EPISODE, PVLA_MASK_DECODE */
export async function pendingEpisode(
  given: PixelEpisode,
  layout: PixelLayout,
  columns: readonly Column[],
  firstVideoFrame: number,
): Promise<PendingEpisode> {
  const { key, episode, annotations = [] } = given;
  const n = episode.nFrames;
  const [nState, nAction] = [layout.stateNames.length, layout.actionNames.length];
  const need = (what: string, found: number, needed: number) => {
    if (found !== needed) throw badEpisode(key, `${found} ${what}`, String(needed));
  };
  if (n < 1) throw badEpisode(key, "no frames", "at least 1");
  need("state values", episode.state.length, n * nState);
  need("action values", episode.action.length, n * nAction);
  need("recorded action values", episode.rawAction.length, n * layout.rawActionSize);
  need("frame indices", episode.rawFrameIndex.length, n);
  need("timestamps", episode.timestampS.length, n);
  if (annotations.length > n) throw badEpisode(key, `annotations of ${annotations.length} frames`, `at most ${n}`);
  for (const [name, values] of [
    ["state", episode.state],
    ["action", episode.action],
  ] as const) {
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at >= 0)
      throw badEpisode(
        key,
        `the ${name} value ${values[at]!} in frame ${Math.floor((at * n) / values.length)}`,
        "finite numbers",
      );
  }

  const frames = Array.from({ length: n }, (_, t) => t);
  // As in LeRobot, a feature of width 1 is a column of plain values, not of lists of one.
  const rowsOf = (values: Float32Array, size: number) =>
    frames.map((t) => (size === 1 ? values[t]! : Array.from(values.subarray(t * size, (t + 1) * size))));
  const values = new Map<string, unknown[]>([
    ["timestamp", frames.map((t) => t / layout.fps)],
    ["frame_index", frames.map(BigInt)],
    ["action", rowsOf(episode.action, nAction)],
    ["raw.action", rowsOf(episode.rawAction, layout.rawActionSize)],
    ["raw.frame_index", Array.from(episode.rawFrameIndex, BigInt)],
    ["raw.timestamp", Array.from(episode.timestampS)],
  ]);
  if (nState > 0) values.set("observation.state", rowsOf(episode.state, nState));
  let bytes = n * 200 + 4 * (episode.state.length + episode.action.length + episode.rawAction.length);
  if (layout.images === "stored")
    for (const camera of layout.cameras) {
      const images = await Promise.all(frames.map((t) => episode.encodedImage(camera.key, t)));
      values.set(
        cameraFeature(camera.key),
        images.map((image, t) => ({
          bytes: image.bytes,
          path: `frame-${String(t).padStart(6, "0")}.${image.mime === "image/png" ? "png" : "jpg"}`,
        })),
      );
      bytes += images.reduce((sum, image) => sum + image.bytes.length, 0);
    }
  checkScores(key, annotations);
  const rows = frames.map((t) => annotationToRow(annotations[t]));
  for (const { name } of columns)
    if (name.startsWith("annotation."))
      values.set(
        name,
        rows.map((row) => row[name]),
      );
  for (const row of rows) bytes += (row["annotation.target.mask_rle"] as string).length;

  const summary = summariseAnnotations(annotations);
  return {
    key,
    split: episode.split,
    task: episode.task,
    nFrames: n,
    nRawFrames: episode.nRawFrames,
    rawGripper: episode.rawGripper,
    rawGripperCommand: episode.rawGripperCommand,
    rawOpening: episode.rawOpening,
    state: episode.state,
    action: episode.action,
    values,
    summary: given.doubt === undefined ? summary : { ...summary, doubt: given.doubt },
    firstVideoFrame,
    bytes,
  };
}

/** Scores must be in 0..1: -1 means "unknown" in the table. @throws PVLA_PIXELS_EPISODE */
export function checkScores(key: string, annotations: EpisodeAnnotations): void {
  for (const [t, a] of annotations.entries())
    for (const score of a === undefined ? [] : [a.score, a.detectorScore, a.maskScore, a.gripperScore])
      if (score !== undefined && !(score >= 0 && score <= 1))
        throw badEpisode(key, `the score ${score} in frame ${t}`, "scores from 0 to 1");
  for (const [t, a] of annotations.entries())
    if (a?.model === "")
      throw badEpisode(key, `an annotation without a model name in frame ${t}`, "the name of what made it");
}
