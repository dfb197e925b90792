import type { Dataset, Episode } from "../episode.ts";
import { gripperCloses } from "../standardise/gripper-close.ts";
import { ColumnSpool } from "../statistics/column-spool.ts";
import { surveyImages, type ImageFinding } from "./survey-images.ts";

/** What one pass over a dataset's episodes gathers for the checks; a few numbers an episode and the action columns. */
export interface Survey {
  readonly dataset: Dataset;
  readonly actions: ColumnSpool;
  readonly episodes: EpisodeMeasures[];
  readonly images: ImageFinding[];
}

/** Measures of one episode. */
export interface EpisodeMeasures {
  readonly episodeIndex: number;
  readonly nFrames: number;
  readonly task: string;
  /** Largest deviation of a frame interval from 1 / fps, in seconds; 0 where there is no clock. */
  readonly timingErrorS: number;
  /** Range of the action's gripper dimension. */
  readonly gripperMin: number;
  readonly gripperMax: number;
  readonly startsOpen: boolean | undefined;
  readonly nCloses: number;
  /** How many frames the command leads and the measured opening follows (positive) or does the opposite (negative). */
  readonly openingFollows: number;
  /** Path length of the translation, metres or controller units. */
  readonly path: number;
  /** Largest translation of one frame. */
  readonly largestMove: number;
  /** Mean absolute difference between action and state, and between action and the next state's difference, first three dimensions. */
  readonly toState: number;
  readonly toStateDifference: number;
}

/** How much the doctor looks at. */
export interface SurveyOptions {
  /** Episodes to read, spread evenly; default all. */
  readonly maxEpisodes?: number;
  /** Episodes whose images are decoded, spread evenly; default 20. */
  readonly maxImageEpisodes?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Reads the dataset once. Open it with `onDamage: "skip"`, or damage throws. */
export async function surveyDataset(dataset: Dataset, options: SurveyOptions = {}): Promise<Survey> {
  const { maxEpisodes = Infinity, maxImageEpisodes = 20, signal, onProgress } = options;
  const indices = spread(dataset.episodeIndices, maxEpisodes);
  const withImages = new Set(spread(indices, maxImageEpisodes));
  const survey: Survey = {
    dataset,
    actions: new ColumnSpool(dataset.info.actionNames.length),
    episodes: [],
    images: [],
  };
  for (const [done, episodeIndex] of indices.entries()) {
    signal?.throwIfAborted();
    const episode = await dataset.tryEpisode(episodeIndex);
    if (episode) {
      survey.episodes.push(measure(episode, dataset.info.fps));
      await survey.actions.push(episode.action);
      if (withImages.has(episodeIndex)) survey.images.push(...(await surveyImages(dataset, episode)));
    }
    onProgress?.(done + 1, indices.length);
  }
  return survey;
}

function measure(episode: Episode, fps: number | undefined): EpisodeMeasures {
  const { action, state, nFrames, rawGripper, rawOpening, timestampS } = episode;
  const width = nFrames === 0 ? 0 : action.length / nFrames;
  const stateWidth = nFrames === 0 ? 0 : state.length / nFrames;
  const gripper = action.filter((_, i) => width === 7 && i % 7 === 6);
  let path = 0;
  let largestMove = 0;
  let toState = 0;
  let toStateDifference = 0;
  for (let t = 0; t < nFrames && width >= 3; t++) {
    const move = Math.hypot(action[t * width]!, action[t * width + 1]!, action[t * width + 2]!);
    path += move;
    largestMove = Math.max(largestMove, move);
    if (t + 1 >= nFrames || stateWidth < 3) continue;
    for (let d = 0; d < 3; d++) {
      const now = state[t * stateWidth + d]!;
      toState += Math.abs(action[t * width + d]! - now) / 3 / (nFrames - 1);
      toStateDifference +=
        Math.abs(action[t * width + d]! - (state[(t + 1) * stateWidth + d]! - now)) / 3 / (nFrames - 1);
    }
  }
  let timingErrorS = 0;
  for (let t = 1; fps !== undefined && t < nFrames; t++)
    timingErrorS = Math.max(timingErrorS, Math.abs(timestampS[t]! - timestampS[t - 1]! - 1 / fps));
  return {
    episodeIndex: episode.episodeIndex,
    nFrames,
    task: episode.task,
    timingErrorS,
    gripperMin: gripper.reduce((a, b) => Math.min(a, b), Infinity),
    gripperMax: gripper.reduce((a, b) => Math.max(a, b), -Infinity),
    startsOpen: rawGripper?.length ? rawGripper[0]! >= 0.5 : undefined,
    nCloses: gripperCloses(episode).length,
    openingFollows: openingFollows(rawGripper, rawOpening),
    path,
    largestMove,
    toState,
    toStateDifference,
  };
}

/** After each change of the command: does the measured opening move the same way within four frames? +1 yes, -1 no, summed. */
function openingFollows(gripper: Float32Array | undefined, opening: Float32Array | undefined): number {
  if (!gripper || !opening) return 0;
  let votes = 0;
  for (let t = 1; t + 1 < gripper.length; t++) {
    const commanded = Math.round(gripper[t]!) - Math.round(gripper[t - 1]!);
    if (commanded === 0) continue;
    const later = opening[Math.min(opening.length - 1, t + 4)]!;
    const moved = later - opening[t - 1]!;
    if (Math.abs(moved) > 1e-3) votes += Math.sign(moved) === Math.sign(commanded) ? 1 : -1;
  }
  return votes;
}

/** At most `count` of `indices`, evenly spread, first and last included. */
function spread(indices: ArrayLike<number>, count: number): number[] {
  const n = Math.min(indices.length, count);
  if (n === indices.length) return Array.from(indices);
  return Array.from({ length: n }, (_, i) => indices[Math.round((i * (indices.length - 1)) / Math.max(1, n - 1))]!);
}
