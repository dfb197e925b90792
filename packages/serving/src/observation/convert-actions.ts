import { EMBODIMENTS, type Protocol } from "./embodiments.ts";
import type { EmbodimentName } from "./serving-options.ts";

/**
 * Converts chunks from the policy's conventions (roll pitch yaw, openness) to what clients of an embodiment expect. Made once for
 * each episode, because a relative gripper remembers the last openness.
 */
export class ActionConverter {
  readonly #actionDim: number;
  readonly #embodiment: EmbodimentName;
  readonly #protocol: Protocol;
  #previousOpenness: number | undefined;

  constructor(embodiment: EmbodimentName, protocol: Protocol, actionDim: number) {
    this.#embodiment = embodiment;
    this.#protocol = protocol;
    this.#actionDim = actionDim;
  }

  /** Actions `[n, A]` that will be carried out in order; gives a new array. */
  convert(actions: Float32Array): Float32Array {
    const { gripper, rotationVector } = EMBODIMENTS[this.#embodiment];
    const form = gripper[this.#protocol] ?? "openness";
    const turns = rotationVector.includes(this.#protocol);
    const converted = actions.slice();
    if (form === "openness" && !turns) return converted;
    for (let at = 0; at < converted.length; at += this.#actionDim) {
      const row = converted.subarray(at, at + this.#actionDim);
      if (turns) row.set(rotationVectorOf(row[3]!, row[4]!, row[5]!), 3);
      const last = this.#actionDim - 1;
      const openness = row[last]!;
      if (form === "closing-signed") row[last] = 1 - 2 * openness;
      else if (form === "closing-relative") {
        const relative = this.#previousOpenness === undefined ? 0 : this.#previousOpenness - openness;
        this.#previousOpenness = openness;
        row[last] = (1 - relative) / 2;
      }
    }
    return converted;
  }
}

/** Static roll, pitch, yaw (about x, then y, then z, in radians) as a rotation vector. */
export function rotationVectorOf(roll: number, pitch: number, yaw: number): readonly [number, number, number] {
  const [sr, cr] = [Math.sin(roll / 2), Math.cos(roll / 2)];
  const [sp, cp] = [Math.sin(pitch / 2), Math.cos(pitch / 2)];
  const [sy, cy] = [Math.sin(yaw / 2), Math.cos(yaw / 2)];
  const w = cr * cp * cy + sr * sp * sy;
  const v = [sr * cp * cy - cr * sp * sy, cr * sp * cy + sr * cp * sy, cr * cp * sy - sr * sp * cy] as const;
  const length = Math.hypot(...v);
  if (length < 1e-12) return [2 * v[0], 2 * v[1], 2 * v[2]];
  const sign = w < 0 ? -1 : 1;
  const scale = (2 * Math.atan2(length, sign * w) * sign) / length;
  return [v[0] * scale, v[1] * scale, v[2] * scale];
}
