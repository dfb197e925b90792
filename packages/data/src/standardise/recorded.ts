/** One numeric column of an episode: `values` `[R, width]`. */
export interface NumericColumn {
  readonly values: Float32Array;
  readonly width: number;
}

/** An episode as recorded, whatever the files were: R frames of named columns. Keys as in RLDS (`observation/state`). */
export interface RecordedFrames {
  /** R. */
  readonly nFrames: number;
  /** Keys of numeric columns of at most one dimension, in file order. */
  readonly numericKeys: readonly string[];
  /** `[R, width]`, or undefined when the recording has no such column. */
  numeric(key: string): NumericColumn | undefined;
}

/** Choices a caller has. */
export interface StandardiseOptions {
  /** Bridge: OpenVLA drops the first and last recorded frame, Octo only the last. */
  readonly bridgeFrames: "openvla" | "octo";
}

/** Frames `first` to `first + nFrames` of the recording, with standardised actions. */
export interface StandardisedFrames {
  readonly first: number;
  /** T. */
  readonly nFrames: number;
  /** `[T, S]`, as recorded. */
  readonly state: Float32Array;
  /** `[T, A]`. */
  readonly action: Float32Array;
  /** `[T, A']`, as recorded. */
  readonly rawAction: Float32Array;
  /** `[R]` commanded opening, 1 open to 0 closed. */
  readonly rawGripper: Float32Array | undefined;
  /** `[R]` the same command before it was made binary. */
  readonly rawGripperCommand: Float32Array | undefined;
  /** `[R]` measured opening, larger is more open. */
  readonly rawOpening: Float32Array | undefined;
}

/** How recordings of one family become standard frames. */
export interface Standardiser {
  readonly name: string;
  /** Names of the action and state dimensions, or undefined where the recording decides. */
  readonly actionNames: readonly string[] | undefined;
  readonly stateNames: readonly string[] | undefined;
  /** Third-person camera, first that exists. */
  readonly primaryCameras: readonly string[];
  /** Control rate of the robot, where the family has one. */
  readonly fps: number | undefined;
  /** True where the recording has the columns this rule needs. */
  fits(hasNumeric: (key: string) => boolean): boolean;
  /** @throws PVLA_DATA_STANDARDISATION when a column is missing or has another width */
  apply(frames: RecordedFrames, dataset: string, options: StandardiseOptions): StandardisedFrames;
}

/** Names of the seven standard action dimensions. */
export const ACTION_NAMES = ["x", "y", "z", "roll", "pitch", "yaw", "gripper"] as const;
