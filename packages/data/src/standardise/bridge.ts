import { concatColumns, dimension, needColumn, sliceFrames, withGripper } from "./columns.ts";
import { binariseGripper } from "./gripper.ts";
import { ACTION_NAMES, type NumericColumn, type RecordedFrames, type Standardiser } from "./recorded.ts";

const NAME = "bridge";

/**
 * BridgeData V2 in both public forms: `bridge_dataset`/`bridge_orig` (one 7-vector, absolute gripper) and the Open
 * X-Embodiment copy (a dict of vectors, `open_gripper`).
 *
 * The six motion dimensions are not the recorded command but `state[t+1] - state[t]`, with Euler angles subtracted plainly:
 * jumps near 2 pi stay, as in OpenVLA and Octo. So the last frame has no action; OpenVLA also drops the first.
 */
export const bridge: Standardiser = {
  name: NAME,
  actionNames: ACTION_NAMES,
  stateNames: [...ACTION_NAMES.slice(0, 6), "gripper_opening"],
  primaryCameras: ["image_0", "image"],
  fps: 5,
  fits: (has) => has("observation/state") && (has("action") || has("action/open_gripper")),

  apply(frames, dataset, { bridgeFrames }) {
    const who = { dataset, standardisation: NAME };
    const state = needColumn(frames, "observation/state", 7, who);
    const { raw, gripper, command } = recordedAction(frames, who);
    const first = bridgeFrames === "openvla" ? 1 : 0;
    const nFrames = Math.max(0, frames.nFrames - 1 - first);
    return {
      first,
      nFrames,
      state: sliceFrames(state, first, nFrames),
      action: withGripper(differences(state), gripper, first, nFrames),
      rawAction: sliceFrames(raw, first, nFrames),
      rawGripper: gripper,
      rawGripperCommand: command,
      rawOpening: dimension(state, 6),
    };
  },
};

function recordedAction(frames: RecordedFrames, who: { dataset: string; standardisation: string }) {
  if (frames.numeric("action/open_gripper")) {
    const open = needColumn(frames, "action/open_gripper", 1, who);
    const motion = ["action/world_vector", "action/rotation_delta"].map((key) => needColumn(frames, key, 3, who));
    const gripper = dimension(open, 0);
    return { raw: concatColumns([...motion, open], frames.nFrames), gripper, command: gripper };
  }
  const raw = needColumn(frames, "action", 7, who);
  const command = dimension(raw, 6);
  return { raw, gripper: binariseGripper(command), command };
}

/** `state[t+1] - state[t]` of the first six dimensions, `[R, 6]`; the last row is zero and never used. */
function differences({ values, width }: NumericColumn): NumericColumn {
  const nFrames = values.length / width;
  const out = new Float32Array(nFrames * 6);
  for (let t = 0; t + 1 < nFrames; t++)
    for (let d = 0; d < 6; d++) out[t * 6 + d] = values[(t + 1) * width + d]! - values[t * width + d]!;
  return { values: out, width: 6 };
}
