import type { GripperConvention } from "../embodiments/embodiment.ts";

/**
 * Turns a policy's gripper value (1 open, 0 closed) into the drive's target (true = open), by the embodiment's convention.
 *
 * `relative` follows the SimplerEnv wrapper of SpatialVLA: the change since the value that last acted; above one half it acts,
 * and keeps acting for `stickySteps` env steps, during which other changes wait. (In the older wrapper they are lost.)
 */
export class GripperDrive {
  readonly #convention: GripperConvention;
  #open = true;
  #actedOn: number | undefined;
  #stickyLeft = 0;

  constructor(convention: GripperConvention) {
    this.#convention = convention;
  }

  /** @param value in [0, 1] */
  next(value: number): boolean {
    if (this.#convention.kind === "absolute") {
      this.#open = value > 0.5;
      return this.#open;
    }
    // The gripper starts open, so the first value is compared with 1.
    const closing = (this.#actedOn ?? 1) - value;
    if (this.#stickyLeft > 0) this.#stickyLeft--;
    else if (Math.abs(closing) > 0.5) {
      this.#open = closing < 0;
      this.#actedOn = value;
      this.#stickyLeft = this.#convention.stickySteps - 1;
    }
    return this.#open;
  }
}
