import {
  concat,
  cos,
  gelu,
  incompatible,
  layerNorm,
  linear,
  mul,
  reshape,
  sin,
  type DecoderContext,
  type Graph,
  type Tensor,
} from "@pixelvla/core";

/** Frequencies of the state's Fourier code, in half turns over the normalised range. */
const STATE_FREQUENCIES = [0.5, 1, 2, 4, 8];

/**
 * The state `[B, S]` as one token `[B, 1, W]`: two linear layers (OpenVLA-OFT), or the same on a Fourier code and normalised: a
 * tiny policy from scratch does not find a height of millimetres in a plain projection. Names of OpenVLA-OFT's `ProprioProjector`.
 *
 * @throws PVLA_INCOMPATIBLE when the recipe reads no state
 */
export function stateToken(
  g: Graph,
  inputs: DecoderContext["inputs"],
  width: number,
  kind: "mlp" | "fourier",
  decoder: string,
): Tensor {
  const { batch, stateDim } = inputs.shape;
  if (stateDim === 0)
    throw incompatible({
      doing: `Building decoder "${decoder}"`,
      found: `state: ${kind} in a recipe that reads no state`,
      needed: "stateDim above 0",
      fix: "Set stateDim to the dataset's, or take decoder.options.state out of the recipe",
    });
  const angles = STATE_FREQUENCIES.map((frequency) => mul(inputs.state, Math.PI * frequency));
  const code =
    kind === "mlp" ? inputs.state : concat([inputs.state, ...angles.flatMap((angle) => [sin(angle), cos(angle)])], 1);
  const token = g.within("proprio_projector", () => linear(g, gelu(linear(g, code, width, "fc1")), width, "fc2"));
  return reshape(kind === "mlp" ? token : layerNorm(g, token, "proprio_norm"), [batch, 1, width]);
}
