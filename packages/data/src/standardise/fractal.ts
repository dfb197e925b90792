import { concatColumns, dimension, needColumn, withGripper } from "./columns.ts";
import { relativeToAbsoluteGripper } from "./gripper.ts";
import { ACTION_NAMES, type Standardiser } from "./recorded.ts";

const NAME = "fractal";

/** `fractal20220817_data` (RT-1, Google robot): deltas in the base frame, a relative gripper command made absolute. */
export const fractal: Standardiser = {
  name: NAME,
  actionNames: ACTION_NAMES,
  stateNames: ["x", "y", "z", "qx", "qy", "qz", "qw", "gripper_closed"],
  primaryCameras: ["image"],
  fps: 3,
  fits: (has) => has("action/gripper_closedness_action") && has("action/world_vector"),

  apply(frames, dataset) {
    const who = { dataset, standardisation: NAME };
    const need = (key: string, width: number) => needColumn(frames, key, width, who);
    const motion = [need("action/world_vector", 3), need("action/rotation_delta", 3)];
    const command = need("action/gripper_closedness_action", 1);
    const closed = need("observation/gripper_closed", 1);
    const raw = concatColumns([...motion, command], frames.nFrames);
    const rawGripper = relativeToAbsoluteGripper(dimension(command, 0));
    return {
      first: 0,
      nFrames: frames.nFrames,
      state: concatColumns([need("observation/base_pose_tool_reached", 7), closed], frames.nFrames).values,
      action: withGripper(raw, rawGripper, 0, frames.nFrames),
      rawAction: raw.values,
      rawGripper,
      rawGripperCommand: rawGripper,
      rawOpening: dimension(closed, 0).map((value) => 1 - value),
    };
  },
};
