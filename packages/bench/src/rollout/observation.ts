import type { HandState } from "../env/snapshot.ts";
import { quaternionFromEuler } from "../scene/rotation.ts";
import type { EmbodimentName } from "../scene/scene-spec.ts";

/** The state vector of an embodiment, `[8]`; entries as in `Embodiment.stateNames` (metres, radians, gripper in [0, 1]). */
export function stateVector(embodiment: EmbodimentName, hand: HandState): Float32Array {
  const [x, y, z] = hand.positionM;
  if (embodiment === "widowx")
    return Float32Array.of(x, y, z, hand.rollRad, hand.pitchRad, hand.yawRad, 0, hand.opening);
  const [qw, qx, qy, qz] = quaternionFromEuler(hand.rollRad, hand.pitchRad, hand.yawRad);
  return Float32Array.of(x, y, z, qx, qy, qz, qw, 1 - hand.opening);
}
