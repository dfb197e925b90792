/** A chunk of future actions and which of them lie inside the episode. */
export interface ActionChunk {
  /** `[Nc, A]`; steps past the end repeat the last action. */
  readonly actions: Float32Array;
  /** `[Nc]`, 1 inside the episode, 0 past its end. */
  readonly weights: Float32Array;
}

/** The actions of frames `frameIndex` to `frameIndex + chunkSize - 1` of an episode with actions `[T, actionDim]`. */
export function actionChunk(
  action: Float32Array,
  actionDim: number,
  frameIndex: number,
  chunkSize: number,
): ActionChunk {
  const nFrames = action.length / actionDim;
  const actions = new Float32Array(chunkSize * actionDim);
  const weights = new Float32Array(chunkSize);
  for (let k = 0; k < chunkSize; k++) {
    const frame = Math.min(frameIndex + k, nFrames - 1);
    actions.set(action.subarray(frame * actionDim, (frame + 1) * actionDim), k * actionDim);
    weights[k] = frameIndex + k < nFrames ? 1 : 0;
  }
  return { actions, weights };
}

/** How a data set commands the gripper: 0 is closed and 1 open, or 1 closes, -1 opens and 0 leaves it (Fractal). */
export type GripperCommand = "absolute" | "relative";

/**
 * Where the hand is heading at frame `frameIndex`: the first frame from there on at which the gripper, the last dimension of
 * `action` `[T, actionDim]`, is told something else than before; the episode's last frame when it is not.
 */
export function waypointFrame(
  action: Float32Array,
  actionDim: number,
  frameIndex: number,
  command: GripperCommand,
): number {
  const nFrames = action.length / actionDim;
  let told = 0;
  for (let frame = 0; frame < nFrames; frame++) {
    const value = action[(frame + 1) * actionDim - 1]!;
    const isKept = command === "relative" && Math.abs(value) < 0.5;
    const now = isKept ? told : value > 0.5 ? 1 : -1;
    // An absolute command says something at the first frame already; a relative one that does is a change.
    const isFirst = frame === 0 && command === "absolute";
    if (now !== told && !isFirst && frame >= frameIndex) return frame;
    told = now;
  }
  return nFrames - 1;
}
