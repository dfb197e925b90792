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

/** The gripper command counts as changed where it crosses this: 0 is closed and 1 open in every data set that is read. */
const HALF_OPEN = 0.5;

/**
 * Where the hand is heading at frame `frameIndex`: the first frame from there on whose gripper command, the last dimension of
 * `action` `[T, actionDim]`, is another than the frame's before; the episode's last frame when none is.
 */
export function waypointFrame(action: Float32Array, actionDim: number, frameIndex: number): number {
  const nFrames = action.length / actionDim;
  const isOpen = (frame: number) => action[(frame + 1) * actionDim - 1]! > HALF_OPEN;
  for (let frame = Math.max(frameIndex, 1); frame < nFrames; frame++)
    if (isOpen(frame) !== isOpen(frame - 1)) return frame;
  return nFrames - 1;
}
