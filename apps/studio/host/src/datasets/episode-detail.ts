import type { DatasetInfo, Episode } from "@pixelvla/data";
import type { EffectorPath } from "@pixelvla/studio-contract";

const GRIPPER = /grip/i;

/** Columns of a row-major `[T, width]` array. */
function column(values: Float32Array, width: number, index: number, nFrames: number): number[] {
  return Array.from({ length: nFrames }, (_, t) => values[t * width + index] ?? 0);
}

/** Whether positions are measured in the state: the names say x, y and z, in whatever dress (`x`, `eef_x`, `state.x`). */
function positionColumns(stateNames: readonly string[]): readonly number[] | undefined {
  const at = ["x", "y", "z"].map((axis) =>
    stateNames.findIndex((name) => new RegExp(`(^|[._])${axis}$`, "i").test(name)),
  );
  return at.every((index) => index >= 0) ? at : undefined;
}

/**
 * Where the end effector is at each frame: measured where the state holds x, y, z, else the running sum of the commanded deltas,
 * which shows the shape of the motion but not its place.
 */
export function effectorPath(episode: Episode, info: DatasetInfo): EffectorPath {
  const { nFrames, state, action } = episode;
  const stateWidth = nFrames === 0 ? 0 : state.length / nFrames;
  const actionWidth = nFrames === 0 ? 0 : action.length / nFrames;
  const gripperAt = info.actionNames.findIndex((name) => GRIPPER.test(name));
  const gripper = gripperAt >= 0 ? column(action, actionWidth, gripperAt, nFrames) : new Array<number>(nFrames).fill(1);
  const measured = positionColumns(info.stateNames);
  const position = new Array<number>(nFrames * 3).fill(0);
  for (let t = 0; t < nFrames; t++)
    for (let axis = 0; axis < 3; axis++) {
      if (measured !== undefined) position[t * 3 + axis] = state[t * stateWidth + measured[axis]!]!;
      else if (t > 0 && axis < actionWidth)
        position[t * 3 + axis] = position[(t - 1) * 3 + axis]! + action[(t - 1) * actionWidth + axis]!;
    }
  return { source: measured === undefined ? "action" : "state", position, gripper };
}

/** First frame whose gripper is closed after an open one; undefined where there is none. */
export function closeFrame(gripper: readonly number[]): number | undefined {
  const firstOpen = gripper.findIndex((opening) => opening >= 0.5);
  if (firstOpen < 0) return undefined;
  const close = gripper.findIndex((opening, t) => t > firstOpen && opening < 0.5);
  return close < 0 ? undefined : close;
}
