import type { EmbodimentName } from "./serving-options.ts";

/** The wire a client speaks: one embodiment's conventions differ between them. */
export type Protocol = "openpi" | "openvla" | "oft" | "vla-eval";

/** How the gripper value leaves: the policy's own is openness, 1 = open, 0 = closed. */
export type GripperForm =
  | "openness"
  /** -1 open, +1 closed: LIBERO's env. */
  | "closing-signed"
  /** (1 - (previous - open)) / 2: what vla-eval's `sticky` mode turns into SimplerEnv's relative gripper. */
  | "closing-relative";

export interface Embodiment {
  readonly summary: string;
  readonly imageKeys: readonly string[];
  readonly stateKeys: readonly (readonly string[])[];
  readonly gripper: Readonly<Partial<Record<Protocol, GripperForm>>>;
  /** Protocols whose client takes rotation as a rotation vector while the policy gives roll, pitch, yaw. */
  readonly rotationVector: readonly Protocol[];
  readonly actionDim?: number;
  readonly stateDim?: number;
  /** Chunk sizes its clients accept. */
  readonly chunk?: { readonly min: number; readonly exact?: boolean };
  /** vla-eval: parameters its benchmark should be made with. */
  readonly observationParams?: Readonly<Record<string, unknown>>;
}

const COMMON_IMAGES = ["observation/image", "image", "full_image", "images/primary", "images/agentview"];
const COMMON_STATES = [["observation/state"], ["state"], ["states"], ["proprio"]];

/** Source: openpi's example clients, OpenVLA's and OFT's deploy scripts, vla-eval's benchmarks (docs/reference/serving.md). */
export const EMBODIMENTS: Readonly<Record<EmbodimentName, Embodiment>> = {
  passthrough: {
    summary: "any client; actions exactly as the policy was trained on",
    imageKeys: [
      ...COMMON_IMAGES,
      "observation/primary_image",
      "observation/exterior_image_1_left",
      "observation.images.image",
      "images/cam_high",
    ],
    stateKeys: [...COMMON_STATES, ["observation.state"]],
    gripper: {},
    rotationVector: [],
  },
  widowx: {
    summary: "WidowX in SimplerEnv and BridgeData V2",
    imageKeys: ["observation/primary_image", "images/primary", ...COMMON_IMAGES],
    stateKeys: COMMON_STATES,
    gripper: {},
    rotationVector: ["vla-eval"],
    actionDim: 7,
    observationParams: { gripper_mode: "binary" },
  },
  "google-robot": {
    summary: "Google robot in SimplerEnv and Fractal",
    imageKeys: ["observation/primary_image", "images/primary", ...COMMON_IMAGES],
    stateKeys: COMMON_STATES,
    gripper: { "vla-eval": "closing-relative" },
    rotationVector: ["vla-eval"],
    actionDim: 7,
    observationParams: { gripper_mode: "sticky" },
  },
  libero: {
    summary: "Franka in LIBERO; images already turned by the client",
    imageKeys: COMMON_IMAGES,
    stateKeys: COMMON_STATES,
    gripper: { openpi: "closing-signed", "vla-eval": "closing-signed" },
    rotationVector: [],
    actionDim: 7,
    stateDim: 8,
    chunk: { min: 5 },
  },
  droid: {
    summary: "Franka of DROID; joint velocities",
    imageKeys: ["observation/exterior_image_1_left", ...COMMON_IMAGES],
    stateKeys: [["observation/joint_position", "observation/gripper_position"], ...COMMON_STATES],
    gripper: {},
    rotationVector: [],
    actionDim: 8,
    stateDim: 8,
    chunk: { min: 10, exact: true },
  },
  aloha: {
    summary: "ALOHA; two arms, joint positions",
    imageKeys: ["images/cam_high", "full_image", ...COMMON_IMAGES],
    stateKeys: COMMON_STATES,
    gripper: {},
    rotationVector: [],
    actionDim: 14,
    stateDim: 14,
  },
};
