import { cannotStandardise } from "../errors.ts";
import { concatColumns, dimension } from "./columns.ts";
import type { NumericColumn, RecordedFrames, Standardiser } from "./recorded.ts";

/** Wider columns are embeddings, not proprioception. */
const MAX_STATE_WIDTH = 64;
const NOT_AN_ACTION = /terminate|is_last|is_first|is_terminal|reward|discount/;

/**
 * Any other recording: actions and state pass unchanged. A dict of action vectors is joined in file order. Seven values a
 * frame whose last stays in [0, 1] are taken to end in an absolute gripper.
 */
export const generic: Standardiser = {
  name: "generic",
  actionNames: undefined,
  stateNames: undefined,
  primaryCameras: ["image_primary", "image_0", "image", "front_rgb", "agentview_rgb", "exterior_image_1_left"],
  fps: undefined,
  fits: () => true,

  apply(frames, dataset) {
    const action = frames.numeric("action") ?? join(frames, "action/");
    if (!action)
      throw cannotStandardise(
        dataset,
        "generic",
        "the recording has no numeric action",
        '"action", one number or more',
      );
    const state =
      frames.numeric("observation/state") ?? frames.numeric("observation/proprio") ?? join(frames, "observation/");
    const last = action.width === 7 ? dimension(action, 6) : undefined;
    const gripper = last?.every((value) => value >= -0.01 && value <= 1.01) ? last : undefined;
    return {
      first: 0,
      nFrames: frames.nFrames,
      state: state?.values ?? new Float32Array(0),
      action: action.values,
      rawAction: action.values,
      rawGripper: gripper,
      rawGripperCommand: gripper,
      rawOpening: undefined,
    };
  },
};

function join(frames: RecordedFrames, prefix: string): NumericColumn | undefined {
  const columns: NumericColumn[] = [];
  for (const key of frames.numericKeys) {
    if (!key.startsWith(prefix) || NOT_AN_ACTION.test(key)) continue;
    const column = frames.numeric(key);
    if (column && column.width <= MAX_STATE_WIDTH) columns.push(column);
  }
  return columns.length === 0 ? undefined : concatColumns(columns, frames.nFrames);
}
