import { PixelVlaError } from "@pixelvla/core";
import { decodeImage, gripperCloses, type Dataset, type Episode } from "@pixelvla/data";
import { dropped, type Dropped } from "../funnel/causes.ts";
import type { AnnotationRecipe, AnnotationSeed } from "../recipe/recipe.ts";

/** The frame in which an episode's gripper first closes, its picture still encoded. */
export interface CloseFrame {
  /** Frame of the episode, after standardisation. */
  readonly frameIndex: number;
  readonly rawFrame: number;
  readonly image: { readonly bytes: Uint8Array; readonly widthPx: number; readonly heightPx: number };
}

/** One episode on its way through the pipeline. */
export interface EpisodeTask {
  readonly position: number;
  readonly episodeIndex: number;
  readonly split: string;
  readonly task: string;
  readonly close: CloseFrame | Dropped | undefined;
}

/**
 * Reads an episode and finds its first close frame: a person's, else the first open-to-closed change of the gripper
 * signal under the dataset's convention (two closed frames in a row at least, in-between values counted as half open and closed).
 * Undefined in mode "full" where there is none.
 */
export async function readCloseFrame(
  dataset: Dataset,
  place: { readonly position: number; readonly episodeIndex: number },
  camera: string,
  recipe: AnnotationRecipe,
): Promise<EpisodeTask> {
  try {
    const before = dataset.damage.length;
    const episode = await dataset.tryEpisode(place.episodeIndex);
    if (episode === undefined) {
      const why = dataset.damage.slice(before).find(({ episodeIndex }) => episodeIndex === place.episodeIndex);
      return { ...place, split: "", task: "", close: dropped("damaged", why?.message ?? "it cannot be read") };
    }
    const seed = recipe.seeds.find((one) => one.episode === place.episodeIndex && one.close !== undefined);
    return { ...place, split: episode.split, task: episode.task, close: await closeOf(episode, camera, recipe, seed) };
  } catch (error) {
    return { ...place, split: "", task: "", close: damagedBy(error) };
  }
}

/** A reader's error as a cause; anything else is thrown on. */
export function damagedBy(error: unknown): Dropped {
  if (error instanceof PixelVlaError && error.code.startsWith("PVLA_DATA_"))
    return dropped("damaged", `${error.code} ${error.message}`);
  throw error;
}

async function closeOf(
  episode: Episode,
  camera: string,
  { region }: AnnotationRecipe,
  seed: AnnotationSeed | undefined,
): Promise<CloseFrame | Dropped | undefined> {
  const rawFrame = seed?.close ?? gripperCloses(episode)[0]?.commandFrame;
  if (rawFrame === undefined) {
    if (region.mode === "full") return undefined;
    return episode.rawGripper === undefined
      ? dropped("no-gripper-signal", "give close frames with --seeds, or set region.mode to full")
      : dropped("never-closes", noChange(episode));
  }
  const frameIndex = frameOfRaw(episode.rawFrameIndex, rawFrame);
  const { bytes } = await episode.encodedImage(camera, frameIndex);
  const { widthPx, heightPx } = await decodeImage(bytes);
  return { frameIndex, rawFrame, image: { bytes, widthPx, heightPx } };
}

const noChange = ({ nFrames, nRawFrames }: Episode) =>
  nFrames === 1
    ? "only one frame, so no change of the gripper"
    : `${nRawFrames} frames without an open-to-closed change`;

/** The frame that shows recorded frame `rawFrame`, or the nearest where standardisation dropped it. */
export function frameOfRaw(rawFrameIndex: Int32Array, rawFrame: number): number {
  let best = 0;
  for (let t = 1; t < rawFrameIndex.length; t++)
    if (Math.abs(rawFrameIndex[t]! - rawFrame) < Math.abs(rawFrameIndex[best]! - rawFrame)) best = t;
  return best;
}
