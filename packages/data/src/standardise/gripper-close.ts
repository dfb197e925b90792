import type { Episode } from "../episode.ts";

/** One open-to-closed change of the gripper. Indices count recorded frames. */
export interface GripperClose {
  /** The commanding frame: first closed one after an open one. The jaws are still around the object. */
  readonly commandFrame: number;
  /** First frame of this event whose command as recorded is below one half; making it binary looks ahead and can come earlier. */
  readonly belowHalfFrame: number;
  /** First frame where the measured opening has stopped falling, or undefined where it is not recorded. */
  readonly settledFrame: number | undefined;
}

/** The gripper signals of an episode. */
export type GripperSignals = Pick<Episode, "rawGripper" | "rawOpening"> & Partial<Pick<Episode, "rawGripperCommand">>;

/** How close events are told from noise. */
export interface GripperCloseOptions {
  /** Closed frames in a row that make an event; a run cut by the end of the recording counts. Default 2. */
  readonly minClosedFrames?: number;
  /** Fall of the measured opening in one frame below which the jaws count as settled, of its range. Default 0.05. */
  readonly settledFraction?: number;
}

/**
 * All close events of an episode, in order; the first is the paper's frame G. None where the gripper starts closed and stays
 * so, or never closes: nothing is guessed.
 *
 * Commands of 0.5 and above are open.
 */
export function gripperCloses(
  { rawGripper: gripper, rawGripperCommand: command, rawOpening: opening }: GripperSignals,
  { minClosedFrames = 2, settledFraction = 0.05 }: GripperCloseOptions = {},
): GripperClose[] {
  if (!gripper) return [];
  const closes: GripperClose[] = [];
  let wasOpen = false;
  for (let t = 0; t < gripper.length; t++) {
    if (gripper[t]! >= 0.5) wasOpen = true;
    else if (wasOpen) {
      let end = t;
      while (end < gripper.length && gripper[end]! < 0.5) end++;
      if (end - t >= minClosedFrames || end === gripper.length) {
        closes.push({
          commandFrame: t,
          belowHalfFrame: firstBelowHalf(command ?? gripper, t, end),
          settledFrame: opening && settled(opening, t, end, settledFraction),
        });
        wasOpen = false;
      }
      t = end - 1;
    }
  }
  return closes;
}

function firstBelowHalf(command: Float32Array, start: number, end: number): number {
  for (let t = start; t < end; t++) if (command[t]! < 0.5) return t;
  return start;
}

/** First frame of `[command, end)` after which the opening falls by less than `fraction` of its range, once it has fallen. */
function settled(opening: Float32Array, command: number, end: number, fraction: number): number | undefined {
  const range =
    opening.reduce((a, b) => Math.max(a, b), -Infinity) - opening.reduce((a, b) => Math.min(a, b), Infinity);
  let fell = false;
  for (let t = command + 1; t < end; t++) {
    const fall = opening[t - 1]! - opening[t]!;
    if (fall > fraction * range) fell = true;
    else if (fell) return t;
  }
  return undefined;
}
