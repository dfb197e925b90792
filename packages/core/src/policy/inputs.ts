import type { Graph } from "../graph/graph.ts";
import type { Tensor } from "../graph/tensor.ts";

/** Sizes every part of one compiled policy shares. */
export interface PolicyShape {
  readonly batch: number;
  readonly imageHeight: number;
  readonly imageWidth: number;
  /** Text tokens, padded. */
  readonly textLength: number;
  /** Prompt points per sample, padded: single points, sampled line points and box corners. */
  readonly promptPoints: number;
  readonly chunkSize: number;
  readonly actionDim: number;
  /** 0 when the policy reads no state. */
  readonly stateDim: number;
}

/** Names of the tensors a policy is fed. The serving, training and evaluation code uses only these. */
export const POLICY_INPUT = {
  /** float32 `[B, H, W, 3]` in [0, 1], already fitted to the policy's image size. */
  image: "image",
  /** int64 `[B, T]`, right-padded. */
  tokens: "tokens",
  /** float32 `[B, T]`, 1 for real tokens, 0 for padding. */
  tokenValid: "tokenValid",
  /** float32 `[B, S]`, normalised. */
  state: "state",
  /** float32 `[B, H, W]` in {0, 1}, fitted like the image. */
  objectMask: "objectMask",
  /** float32 `[B, P, 2]`, x and y in [0, 1] of the fitted image. */
  promptPoints: "promptPoints",
  /** int64 `[B, P]`: see `POINT_LABEL`. */
  promptLabels: "promptLabels",
  /** float32 `[B, H, W]`: a mask given as prompt; all zeros when none is. */
  promptMask: "promptMask",
  /** float32 `[B, Nc, A]`, normalised to [-1, 1] by q01/q99. */
  actions: "actions",
  /** float32 `[B, Nc]`: 0 for steps past the end of the episode. */
  actionWeights: "actionWeights",
  /** float32 `[B, Nc, A]`, standard normal: flow matching only; in training `[B, K Nc, A]` for K draws a visit. */
  noise: "noise",
  /** float32 `[B]` in (0, 1]: flow matching time, training only; `[B, K]` for K draws a visit. */
  time: "time",
  /**
   * float32 `[B, H, W]` in {0, 1}: the target object in this very frame, for auxiliary losses only; never dropped or shifted, all
   * zeros where it is hidden or unknown. No policy reads it.
   */
  targetMask: "targetMask",
  /** int64 `[B, W]`: tokens of the target's phrase, padded with -1; auxiliary losses only. */
  targetWords: "targetWords",
  /**
   * float32 `[B, S]`, normalised: the state at the next change of the gripper command, else at the episode's end; auxiliary
   * losses only. No policy reads it.
   */
  waypointState: "waypointState",
} as const;

/** What a prompt point means, as in SAM; padding carries no information. */
export const POINT_LABEL = { padding: -1, negative: 0, positive: 1, boxTopLeft: 2, boxBottomRight: 3 } as const;

/** Inputs that are drawn anew for every visit of a sample: nothing that depends on them may be cached. */
export const VOLATILE_INPUTS: readonly string[] = [POLICY_INPUT.noise, POLICY_INPUT.time];

/** Longest phrase that `targetWords` holds, W. */
export const TARGET_WORDS = 4;

/** Visual prompts as graph tensors; see `POLICY_INPUT` for shapes. */
export interface PromptTensors {
  readonly points: Tensor;
  readonly labels: Tensor;
  readonly mask: Tensor;
}

/** The graph's inputs, declared on first use, so that a policy only asks for what its parts read. */
export class PolicyInputs {
  readonly #g: Graph;
  readonly shape: PolicyShape;

  constructor(g: Graph, shape: PolicyShape) {
    this.#g = g;
    this.shape = shape;
  }

  get image(): Tensor {
    const { batch, imageHeight, imageWidth } = this.shape;
    return this.#float(POLICY_INPUT.image, [batch, imageHeight, imageWidth, 3]);
  }

  get tokens(): Tensor {
    return this.#int(POLICY_INPUT.tokens, [this.shape.batch, this.shape.textLength]);
  }

  get tokenValid(): Tensor {
    return this.#float(POLICY_INPUT.tokenValid, [this.shape.batch, this.shape.textLength]);
  }

  get state(): Tensor {
    return this.#float(POLICY_INPUT.state, [this.shape.batch, this.shape.stateDim]);
  }

  get objectMask(): Tensor {
    const { batch, imageHeight, imageWidth } = this.shape;
    return this.#float(POLICY_INPUT.objectMask, [batch, imageHeight, imageWidth]);
  }

  get prompts(): PromptTensors {
    const { batch, imageHeight, imageWidth, promptPoints } = this.shape;
    return {
      points: this.#float(POLICY_INPUT.promptPoints, [batch, promptPoints, 2]),
      labels: this.#int(POLICY_INPUT.promptLabels, [batch, promptPoints]),
      mask: this.#float(POLICY_INPUT.promptMask, [batch, imageHeight, imageWidth]),
    };
  }

  get actions(): Tensor {
    const { batch, chunkSize, actionDim } = this.shape;
    return this.#float(POLICY_INPUT.actions, [batch, chunkSize, actionDim]);
  }

  get actionWeights(): Tensor {
    return this.#float(POLICY_INPUT.actionWeights, [this.shape.batch, this.shape.chunkSize]);
  }

  /** Flow times of `draws` draws a visit: `[B]` for one, `[B, draws]` for more. */
  time(draws = 1): Tensor {
    return this.#float(POLICY_INPUT.time, draws === 1 ? [this.shape.batch] : [this.shape.batch, draws]);
  }

  get targetMask(): Tensor {
    const { batch, imageHeight, imageWidth } = this.shape;
    return this.#float(POLICY_INPUT.targetMask, [batch, imageHeight, imageWidth]);
  }

  get targetWords(): Tensor {
    return this.#int(POLICY_INPUT.targetWords, [this.shape.batch, TARGET_WORDS]);
  }

  get waypointState(): Tensor {
    return this.#float(POLICY_INPUT.waypointState, [this.shape.batch, this.shape.stateDim]);
  }

  /** Standard normal noise in the decoder's own action width (pi0 pads actions to 32). */
  noise(chunkSize: number, actionDim: number): Tensor {
    return this.#float(POLICY_INPUT.noise, [this.shape.batch, chunkSize, actionDim]);
  }

  #float(name: string, shape: readonly number[]): Tensor {
    return this.#g.inputs.get(name) ?? this.#g.input(name, "float32", shape);
  }

  #int(name: string, shape: readonly number[]): Tensor {
    return this.#g.inputs.get(name) ?? this.#g.input(name, "int64", shape);
  }
}
