import { dimension, needColumn, withGripper } from "./columns.ts";
import { invertClippedGripper } from "./gripper.ts";
import { ACTION_NAMES, type Standardiser } from "./recorded.ts";

const NAME = "libero";

/** LIBERO in any container: motion as recorded (controller units), gripper -1 open / +1 close turned into 1 open / 0 closed. */
export const libero: Standardiser = {
  name: NAME,
  actionNames: ACTION_NAMES,
  stateNames: ["x", "y", "z", "rx", "ry", "rz", "finger_left", "finger_right"],
  primaryCameras: ["image", "agentview_rgb", "observation.images.image", "observation.image"],
  fps: 20,
  fits: (has) => has("action"),

  apply(frames, dataset) {
    const who = { dataset, standardisation: NAME };
    const raw = needColumn(frames, "action", 7, who);
    const state = needColumn(frames, "observation/state", 1, who);
    const rawGripper = invertClippedGripper(dimension(raw, 6));
    const left = state.width >= 8 ? dimension(state, 6) : undefined;
    const right = state.width >= 8 ? dimension(state, 7) : undefined;
    return {
      first: 0,
      nFrames: frames.nFrames,
      state: state.values,
      action: withGripper(raw, rawGripper, 0, frames.nFrames),
      rawAction: raw.values,
      rawGripper,
      rawGripperCommand: rawGripper,
      rawOpening: left && right && left.map((value, t) => value - right[t]!),
    };
  },
};
