import {
  add,
  concat,
  defineActionDecoder,
  expand,
  gelu,
  incompatible,
  l1Loss,
  layerNorm,
  linear,
  mseLoss,
  mul,
  relu,
  reshape,
  slice,
  type DecoderContext,
  type Graph,
  type Tensor,
} from "@pixelvla/core";
import { z } from "zod";
import { stateToken } from "./state-token.ts";

const options = z.strictObject({
  hidden: z.int().positive().default(4096).describe("Width of the residual blocks"),
  blocks: z.int().nonnegative().default(2).describe("Residual blocks, N_r"),
  finalMlp: z
    .enum(["linear", "gelu-mlp"])
    .default("linear")
    .describe("Last stage: one linear (OpenVLA-OFT) or a two-layer MLP (the paper's text)"),
  attention: z
    .enum(["block", "full", "causal"])
    .default("block")
    .describe("What the action slots see; full is OpenVLA-OFT's"),
  slots: z
    .enum(["zero", "learned"])
    .default("zero")
    .describe("Slot embeddings: zeros as OpenVLA-OFT, or learned (tiny policies from scratch)"),
  slotsPer: z
    .enum(["dimension", "step"])
    .default("dimension")
    .describe("One slot per action dimension (OpenVLA-OFT), or one per time step, read in place (tiny policies)"),
  squared: z
    .array(z.number().nonnegative())
    .default([])
    .describe(
      "Weights of a squared error beside L1, by action dimension; empty for none. The median of an action that is mostly zero (turning the hand) is zero until its sign is nearly certain",
    ),
  state: z
    .enum(["none", "mlp", "fourier"])
    .default("none")
    .describe(
      "Proprioception token before the slots: two linear layers (OpenVLA-OFT), on a Fourier code for tiny ones",
    ),
});

/**
 * Continuous action decoder: one slot per action dimension is appended to the prompt, the slots' hidden states (read one
 * position to the left, as a language model predicts) are joined per time step and mapped by linear, residual blocks and
 * a last stage to the chunk. L1 loss.
 *
 * Source: PixelVLA §4.1 (continuous action decoder), Eq. (4); layer layout and names of OpenVLA-OFT's `L1RegressionActionHead`.
 * Hidden states `[B, Nc * A, D]` -> chunk `[B, Nc, A]`, normalised, not squashed.
 */
export const continuous = defineActionDecoder({
  name: "continuous",
  summary: "Parallel action slots, residual MLP head, L1 (the paper's continuous action decoder).",
  options,
  train(g, context, parsed) {
    const { actions, actionWeights } = context.inputs;
    const chunk = actionChunk(g, context, parsed);
    const { batch, chunkSize } = context.inputs.shape;
    const weights = reshape(actionWeights, [batch, chunkSize, 1]);
    const l1 = l1Loss(chunk, actions, weights);
    if (parsed.squared.length === 0) return { loss: l1, metrics: { l1 } };
    const roots = g.constant("float32", [1, 1, actions.shape[2]!], squareRoots(parsed.squared, actions.shape[2]!));
    const squared = mseLoss(mul(chunk, roots), mul(actions, roots), weights);
    return { loss: add(l1, squared), metrics: { l1, squared } };
  },
  predict: (g, context, parsed) => actionChunk(g, context, parsed),
});

/** @throws PVLA_INCOMPATIBLE unless there is a weight for every action dimension */
function squareRoots(weights: readonly number[], actionDim: number): Float32Array {
  if (weights.length === actionDim) return Float32Array.from(weights, Math.sqrt);
  throw incompatible({
    doing: `Building decoder "continuous"`,
    found: `${weights.length} weights in squared`,
    needed: `${actionDim}, one for each action dimension`,
    fix: "Give each dimension a weight, 0 for those without, or leave squared out",
  });
}

function actionChunk(
  g: Graph,
  { inputs, backbone, prefix, specialTokens }: DecoderContext,
  parsed: z.output<typeof options>,
): Tensor {
  const { batch, chunkSize, actionDim } = inputs.shape;
  const width = backbone.suffixWidth;
  const isPerStep = parsed.slotsPer === "step";
  const slots = isPerStep ? chunkSize : chunkSize * actionDim;
  const slotTokens =
    parsed.slots === "zero"
      ? expand(g.scalar(0), [batch, slots, width])
      : expand(g.parameter("slots", [1, slots, width], { kind: "normal", std: 1 }), [batch, slots, width]);
  const stop = expand(
    reshape(backbone.embed(g.constant("int64", [1], BigInt64Array.of(BigInt(specialTokens.eos)))), [1, 1, width]),
    [batch, 1, width],
  );
  const before = parsed.state === "none" ? [] : [{ tokens: stateToken(g, inputs, width, parsed.state, "continuous") }];
  const segments = [...before, { tokens: isPerStep ? slotTokens : concat([slotTokens, stop], 1) }];
  const { suffix, lastPrompt } = backbone.run(prefix, segments, parsed.attention);
  const last = suffix.at(-1)!;
  if (isPerStep) return g.within("model", () => residualHead(g, last, actionDim, parsed));
  // Next-token alignment: the last prompt token and all slots but the last.
  const states = concat([reshape(lastPrompt, [batch, 1, width]), slice(last, 1, 0, slots - 1)], 1);
  const perStep = reshape(states, [batch, chunkSize, actionDim * width]);
  return g.within("model", () => residualHead(g, perStep, actionDim, parsed));
}

/** LN, linear, ReLU, residual blocks x + ReLU(Linear(LN x)), LN, last stage. */
export function residualHead(
  g: Graph,
  x: Tensor,
  actionDim: number,
  { hidden, blocks, finalMlp }: Pick<z.output<typeof options>, "hidden" | "blocks" | "finalMlp">,
): Tensor {
  let h = relu(linear(g, layerNorm(g, x, "layer_norm1"), hidden, "fc1"));
  for (let i = 0; i < blocks; i++) {
    const block = g.within(`mlp_resnet_blocks.${i}`, () => relu(linear(g, layerNorm(g, h, "ffn.0"), hidden, "ffn.1")));
    h = add(h, block);
  }
  const normed = layerNorm(g, h, "layer_norm2");
  return finalMlp === "linear"
    ? linear(g, normed, actionDim, "fc2")
    : linear(g, gelu(linear(g, normed, hidden, "fc2.0")), actionDim, "fc2.2");
}
