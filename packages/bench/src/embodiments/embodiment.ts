import type { CameraPose } from "../scene/look.ts";
import type { Part } from "../scene/catalogue.ts";
import type { EmbodimentName } from "../scene/scene-spec.ts";

/** How a policy's gripper value (1 open, 0 closed) reaches the drive. */
export type GripperConvention =
  /** Bridge: absolute; above one half opens, below closes. */
  | { readonly kind: "absolute" }
  /** Fractal: only changes act, and an act is repeated for `stickySteps` env steps while further changes wait. */
  | { readonly kind: "relative"; readonly stickySteps: number };

/** What a translation or rotation delta is added to. */
export type DeltaReference = "commanded" | "measured";

/** A visible and solid piece of the gripper, in the frame of the hand or of a finger. */
export interface GripperPart extends Part {
  readonly rgb: readonly [number, number, number];
}

/**
 * A free-flying gripper with the control rate, action convention and look of a robot. No arm: policies command the end
 * effector, an arm would only add unreachable poses and three times the physics.
 *
 * Origin of the hand: the point between the closed finger pads. Fingers point down (-z) and open along y.
 */
export interface Embodiment {
  readonly name: EmbodimentName;
  readonly controlHz: number;
  readonly timestepS: number;
  /** Physics steps per env step. */
  readonly nSubsteps: number;
  /** Physics steps over which a command ramps from the previous one. */
  readonly nRampSubsteps: number;
  readonly deltaReference: DeltaReference;
  readonly gripper: GripperConvention;
  /** Largest accepted delta per env step in each axis; larger ones are cut off. */
  readonly maxDeltaM: number;
  readonly maxDeltaRad: number;
  /** Each finger's travel from closed to open. */
  readonly fingerTravelM: number;
  readonly handParts: readonly GripperPart[];
  /** Parts of the left finger (towards +y) when closed; the right one is its mirror image. */
  readonly fingerParts: readonly GripperPart[];
  readonly camera: CameraPose;
  /** Largest angle between contact impulse and opening direction that counts as a grasp. */
  readonly graspAngleRad: number;
  /** Names of the state vector's S entries. */
  readonly stateNames: readonly string[];
}

const RAD = Math.PI / 180;

/** WidowX 250 as in BridgeData V2: 5 Hz, deltas on the commanded pose, absolute gripper. */
const widowx: Embodiment = {
  name: "widowx",
  controlHz: 5,
  timestepS: 0.002,
  nSubsteps: 100,
  nRampSubsteps: 80,
  deltaReference: "commanded",
  gripper: { kind: "absolute" },
  maxDeltaM: 0.05,
  maxDeltaRad: 0.5,
  fingerTravelM: 0.037,
  handParts: [
    { type: "box", size: [0.016, 0.05, 0.014], position: [0, 0, 0.066], rgb: [0.26, 0.27, 0.3] },
    { type: "box", size: [0.022, 0.024, 0.026], position: [0, 0, 0.1], rgb: [0.18, 0.19, 0.22] },
    { type: "cylinder", size: [0.014, 0.09], position: [0, 0, 0.2], rgb: [0.3, 0.31, 0.35] },
  ],
  fingerParts: [
    { type: "box", size: [0.0085, 0.005, 0.014], position: [0, 0.005, -0.001], rgb: [0.46, 0.47, 0.5] },
    { type: "box", size: [0.006, 0.0045, 0.022], position: [0, 0.0065, 0.034], rgb: [0.34, 0.35, 0.38] },
  ],
  camera: { positionM: [0.5, 0, 0.52], lookAtM: [-0.02, 0, 0.05], fovyRad: 35 * RAD },
  graspAngleRad: 60 * RAD,
  stateNames: ["x", "y", "z", "roll", "pitch", "yaw", "pad", "gripper"],
};

/** Google robot as in Fractal: 3 Hz, deltas on the measured pose in base axes, relative sticky gripper. */
const googleRobot: Embodiment = {
  name: "google-robot",
  controlHz: 3,
  timestepS: 1 / 513,
  nSubsteps: 171,
  nRampSubsteps: 137,
  deltaReference: "measured",
  // SimplerEnv repeats a gripper act for 10 or 15 steps because its drive needs them; this drive closes within one.
  gripper: { kind: "relative", stickySteps: 2 },
  maxDeltaM: 0.07,
  maxDeltaRad: 0.7,
  fingerTravelM: 0.042,
  handParts: [
    { type: "ellipsoid", size: [0.03, 0.056, 0.026], position: [0, 0, 0.08], rgb: [0.87, 0.88, 0.9] },
    { type: "cylinder", size: [0.026, 0.02], position: [0, 0, 0.112], rgb: [0.3, 0.55, 0.85] },
    { type: "cylinder", size: [0.022, 0.08], position: [0, 0, 0.212], rgb: [0.87, 0.88, 0.9] },
  ],
  fingerParts: [
    { type: "box", size: [0.011, 0.0055, 0.015], position: [0, 0.0055, 0], rgb: [0.55, 0.56, 0.6] },
    {
      type: "capsule",
      size: [0.0075, 0.02],
      position: [0, 0.012, 0.038],
      eulerRad: [-0.25, 0, 0],
      rgb: [0.8, 0.81, 0.84],
    },
  ],
  camera: { positionM: [0.42, -0.16, 0.63], lookAtM: [-0.025, 0, 0.045], fovyRad: 37 * RAD },
  graspAngleRad: 80 * RAD,
  stateNames: ["x", "y", "z", "qx", "qy", "qz", "qw", "gripper_closed"],
};

/** Both embodiments by name. */
export const EMBODIMENTS: Readonly<Record<EmbodimentName, Embodiment>> = { widowx, "google-robot": googleRobot };
